"""The documents of the API, as other programs read them: models that are also its specification.

Names are those of the instance and proposal formats: English, with the field's French nouns. Amounts are
whole euros. Days are ``AAAA-MM-JJ``.

When to modify: an answer gains a part. Nothing is renamed or taken away within a version.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """What all have in common: nothing undeclared leaves or enters."""

    model_config = ConfigDict(extra="forbid")


class ProblemAtField(Document):
    pointer: str = Field(description="Où : pointeur JSON dans le document envoyé, ou nom du paramètre.")
    detail: str = Field(description="Ce qui est attendu, en une phrase.")


class Problem(Document):
    """Une erreur (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="En une phrase, ce qui ne va pas.")
    instance: str
    errors: list[ProblemAtField] = Field(description="Chaque erreur à sa place ; vide si aucune n’en a.")


class Quote(Document):
    document: str = Field(description="Titre du document officiel.")
    heading: str = Field(description="Rubrique du document.")
    quote: str = Field(description="Les mots exacts.")
    rules: list[str] = Field(description="Règles que ces mots portent.")


Euros = Annotated[int, Field(description="Euros entiers.")]


class FundingLine(Document):
    standing: str = Field(description="« retenu », « possible » (dans aucun total) ou « non_retenu ».")
    rule: str = Field(description="Règle qui le dit : voir /regles/{rule_id}.")
    label: str
    measure: str | None = Field(description="Montant ou seuil de la règle, là où il y en a un.")
    version_from: date | None
    version_until: date | None
    quantity: int
    unit: str
    unit_eur: Euros
    amount_eur: Euros
    reason: str | None = Field(description="Pourquoi ce n’est pas retenu, ou sous quelle hypothèse ça l’est.")
    caveats: list[str]
    readings: dict[str, str] = Field(description="Lectures discutées dont la ligne dépend.")
    citations: list[Quote]


class Existence(Document):
    status: str = Field(description="« eligible », « sous_le_souhait », « trop_petite » ou « autre_appel ».")
    exists: bool = Field(description="Si la grappe peut exister.")
    required: int
    counted: int
    unit: str = Field(description="Ce qui est compté : « esms » ou « organismes ».")
    missing: int = Field(description="Combien il en manque ; 0 quand le compte y est.")
    other_call: str | None = Field(description="Appel dont la grappe relève, quand c’est un autre.")
    sentence: str
    rule: str
    citations: list[Quote]


class Totals(Document):
    own_eur: int = Field(description="Ce que vos ESMS apportent.")
    common_eur: int = Field(description="Aides versées une seule fois pour toute la grappe.")
    total_eur: int = Field(description="Toute la grappe, SONS exclu.")
    least_eur: int = Field(description="Le total au pire, là où les textes ne disent pas qui compte.")
    granted_eur: int = Field(description="Le total, ou 0 tant que la grappe ne peut pas exister.")
    possible_eur: int = Field(description="Possible en plus, au cas par cas, dans aucun total.")


class Payment(Document):
    label: str
    rule: str
    percent: int
    amount_eur: Euros


class Slot(Document):
    label: str
    rule: str
    opens: date
    closes: date | None


class Calendar(Document):
    region: str
    known: bool = Field(description="Si un document donne le calendrier de cette région.")
    status: str
    deadline: date | None
    windows: list[Slot]


class SonsOrder(Document):
    esms: int
    bracket: str
    unit_eur: Euros
    amount_eur: Euros


class Reminder(Document):
    rule: str
    sentence: str
    readings: list[str]


class Use(Document):
    """Un usage à montrer pour le dernier versement."""

    rule: str
    label: str
    sentence: str
    first: int | None = Field(description="À la première mesure ; null : aucune valeur à atteindre.")
    first_months: int
    monthly: int | None


class Simulation(Document):
    """Ce qu’un projet pourrait obtenir : montant maximal indicatif."""

    notice: str = Field(description="À montrer avec tout montant.")
    question: str = Field(description="Ce qui a été demandé, en une phrase.")
    call: str
    rules_version: str
    existence: Existence
    totals: Totals
    lines: list[FundingLine]
    payments: list[Payment]
    advance_eur: int = Field(description="À avancer avant le dernier versement.")
    months: int | None = Field(description="De la signature à la fin du déploiement, si un texte le dit.")
    calendar: Calendar
    sons: list[SonsOrder] = Field(description="Versé par l’État à l’éditeur, jamais à la grappe.")
    uses: list[Use] = Field(description="Vide quand le nombre de personnes n’est pas donné.")
    reminders: list[Reminder]
    page: str = Field(description="Adresse de la même simulation dans un navigateur.")


class Call(Document):
    id: str
    label: str
    description: str
    level: str = Field(description="« regional » ou « national ».")
    sister: str | None = Field(description="L’appel de l’autre niveau.")
    in_force_from: date
    in_force_until: date | None
    citations: list[Quote]


class Calls(Document):
    rules_version: str
    calls: list[Call]


class ReadingOption(Document):
    id: str
    label: str
    citation: Quote | None


class Reading(Document):
    """Un point sur lequel les documents se contredisent ou se taisent."""

    id: str
    rules: list[str]
    calls: list[str]
    default: str
    question: str
    effect: str
    options: list[ReadingOption]


class Readings(Document):
    rules_version: str
    readings: list[Reading]


class RuleSummary(Document):
    id: str
    label: str
    classes: str = Field(description="H exigence, S souhait, F financement, D dossier, I information.")
    page: str


class RuleList(Document):
    rules_version: str
    total: int = Field(description="Combien de règles répondent en tout.")
    rules: list[RuleSummary]


class MeasureVersion(Document):
    call: str
    in_force_from: date
    in_force_until: date | None
    when: dict[str, str] = Field(description="Lectures discutées sous lesquelles elle vaut.")
    value: int
    comparison: str | None = Field(description="Pour un seuil : « lt », « le », « ge » ou « gt ».")
    counted: bool = Field(description="Faux : possible, dans aucun total.")
    deduction: str | None
    caveats: list[str]
    citations: list[Quote]


class Measure(Document):
    id: str
    label: str
    kind: str = Field(description="« forfait » (euros), « bound » (ESMS), « share » (%) ou « delay » (mois).")
    per: str
    versions: list[MeasureVersion]


class Statement(Document):
    """Ce qu’une règle dit sans montant : une convention, un refus, une fenêtre, une cible…"""

    kind: str
    label: str
    calls: list[str]
    citations: list[Quote]


class Rule(RuleSummary):
    rules_version: str
    explanation: str | None
    uncited: str | None = Field(description="Pourquoi aucun document ne peut être cité.")
    citations: list[Quote]
    measures: list[Measure]
    statements: list[Statement]
    readings: list[Reading]


class Count(Document):
    champ: str
    esms: int


class Prefill(Document):
    """Ce que le registre sait d’un numéro FINESS."""

    finess: str
    kind: str = Field(description="« juridique » (un organisme) ou « geographique » (un ESMS).")
    name: str
    organisme: str
    organisme_finess: str | None = Field(description="null : connu par son nom seul, taille à vérifier.")
    region: str
    counts: list[Count] = Field(description="ESMS ouverts par champ, dans cette région.")
    elsewhere: int = Field(description="ESMS ouverts du même organisme dans d’autres régions.")
    esms_total: int = Field(description="ESMS ouverts de l’organisme, en tout, dans ce registre.")
    source: str
    snapshot_date: date | None = Field(
        description="Jour de l’extraction ; null si les données sont tirées au sort."
    )
    fictitious: bool

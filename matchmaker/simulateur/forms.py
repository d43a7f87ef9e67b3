"""The simulator's form: what was typed stays, each mistake gets a sentence at its field.

A GET form without a token: it writes nothing, and its address is the result's permanent link.
When to modify: the page asks something more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import Field, Form, RadioField, SelectField, StringField

from matchmaker.baremes import Rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.reference.territories import regions
from matchmaker.simulateur.questions import ALL_NEEDS, Kind, Simulation, count_name
from matchmaker.simulateur.wording import NEED_LABELS
from matchmaker.web.formats import nombre
from solver.vocabulary import Champ

MOST_ESMS = 5_000
MOST_PERSONS = 1_000_000
NO_ESMS = "Indiquez au moins un ESMS, à la ligne de son public, ou préremplissez par un numéro FINESS."
_NUMBER = {"inputmode": "numeric", "maxlength": "15", "size": "5", "autocomplete": "off"}
_SEGUR = {"oui": "référencée Ségur", "non": "non référencée", "inconnu": "je ne sais pas"}
_PILOT = {"oui": "oui", "non": "non", "inconnu": "je ne sais pas"}
_OF = {"ESMS": "d’ESMS", "personnes": "de personnes"}
_KNOWN = {"oui": True, "non": False}


class SimulationForm(Form):  # type: ignore[misc]
    """Fields by name of the address: ``PA_acquisition=4``; an absent number is 0."""

    finess = StringField(
        "Numéro FINESS",
        description="De votre organisme ou d’un ESMS : remplit le tableau, la région et la taille.",
        render_kw={"maxlength": "20", "size": "12", "autocomplete": "off", "spellcheck": "false"},
    )
    appel = SelectField("Appel à projets", validate_choice=False)
    region = SelectField("Votre région", validate_choice=False)
    segur = RadioField("La solution que vous visez est", choices=_SEGUR, validate_choice=False)
    total = StringField(
        "ESMS de votre organisme, en tout",
        description="Dans ce projet ou non. Un petit organisme en compte peu : des aides s’ajoutent.",
        render_kw=_NUMBER,
    )
    partenaires = StringField(
        "ESMS d’autres organismes dans votre grappe",
        description="Laissez vide si vous n’avez pas encore de partenaire.",
        render_kw=_NUMBER,
    )
    petits = StringField("Dont ESMS de petits organismes", render_kw=_NUMBER)
    personnes = StringField(
        "Personnes accompagnées par les ESMS de la grappe",
        description="Pour savoir combien de messages et de dossiers il faudra montrer chaque mois.",
        render_kw=_NUMBER,
    )
    jour = StringField("Jour du dépôt", render_kw={"type": "date"})
    pilote = RadioField("Un projet pilote a déjà été mené", choices=_PILOT, validate_choice=False)

    def __init__(self, rules: Rules, formdata: Any = None) -> None:
        first = rules.regimes[1].regime.value if len(rules.regimes) > 1 else rules.calls[0].id
        super().__init__(
            formdata, data={"appel": first, "region": "76", "segur": "inconnu", "pilote": "inconnu"}
        )
        self.appel.choices = {call.id: call.label for call in rules.calls}
        self.region.choices = {r.code: r.name for r in regions().values()}

    def count(self, champ: Champ, need: FundedNeed) -> Field:
        return self[count_name(champ, need)]

    def take_back_emptiness(self) -> str | None:
        """The sentence that asks for a first number, no longer as a mistake; None when that is not the one
        thing missing."""
        first = self.count(Champ.PA, FundedNeed.ACQUISITION)
        if not self.is_empty or list(first.errors) != [NO_ESMS]:
            return None
        first.errors = []
        return NO_ESMS

    @property
    def asks_for_a_pilot(self) -> bool:
        """Whether a généralisation is among the numbers typed."""
        return any((self.count(champ, FundedNeed.GENERALISATION).data or "").strip() for champ in Champ)

    @classmethod
    def names(cls) -> frozenset[str]:
        """The names of its fields, as an address carries them."""
        grid = {count_name(champ, need) for champ in Champ for need in ALL_NEEDS}
        asked = {"finess", "appel", "region", "segur", "total", "partenaires", "petits", "personnes"}
        asked |= {"jour", "pilote"}
        return frozenset(asked | grid)

    def errors_by_field(self) -> Iterator[tuple[Field, str]]:
        for field in self:
            for error in field.errors:
                yield field, str(error)

    @property
    def is_empty(self) -> bool:
        """Whether no number of ESMS is typed."""
        return not any((self.count(c, need).data or "").strip() for c in Champ for need in ALL_NEEDS)

    def read(self, finess_problem: str | None = None) -> Simulation | None:
        """The simulation, or None: every mistake is then at its field.

        ``finess_problem``: why the register gives nothing for the number typed; it is said at its field, and
        stops no simulation of what is typed by hand.
        """
        for field in self:
            field.errors = []
        if finess_problem is not None:
            self.finess.errors = [finess_problem]
        counts: dict[Kind, int] = {}
        for champ in Champ:
            for need in ALL_NEEDS:
                number = _number(self.count(champ, need))
                if number:
                    counts[champ, need] = number
        own = sum(counts.values())
        first = self.count(Champ.PA, FundedNeed.ACQUISITION)
        if not own and not any(True for _ in self.errors_by_field()):
            first.errors = [NO_ESMS]
        total, partners, small = (_number(f) for f in (self.total, self.partenaires, self.petits))
        if total is not None and self.total.data and total < own:
            self.total.errors = [
                f"Votre organisme compterait {total} ESMS en tout, mais vous en indiquez {own} par public."
            ]
        if (small or 0) > (partners or 0):
            self.petits.errors = [
                f"{small} ESMS de petits organismes, mais {partners or 0} ESMS d’autres organismes."
            ]
        if own + (partners or 0) > MOST_ESMS:
            self.partenaires.errors = [f"Le simulateur compte jusqu’à {nombre(MOST_ESMS)} ESMS en tout."]
        persons = _number(self.personnes, "personnes", MOST_PERSONS)
        day = _day(self.jour)
        _one_of(self.appel, "Choisissez un appel à projets de la liste.")
        _one_of(self.region, "Choisissez une région de la liste.")
        for choice in (self.segur, self.pilote):
            if choice.data is None:
                choice.data = "inconnu"
            _one_of(choice, "Choisissez une des trois réponses.")
        if not own or any(field is not self.finess for field, _ in self.errors_by_field()):
            return None
        return Simulation(
            regime=self.appel.data,
            region=self.region.data,
            counts=counts,
            esms_total=total or own,
            referenced=_KNOWN.get(self.segur.data),
            partners=partners or 0,
            small_partners=small or 0,
            deposit=day,
            persons=persons,
            pilot=_KNOWN.get(self.pilote.data) if self.asks_for_a_pilot else None,
        )


for _champ in Champ:
    for _need in ALL_NEEDS:
        _label = f"{CHAMPS[_champ.value]}, {NEED_LABELS[_need]}"
        setattr(SimulationForm, count_name(_champ, _need), StringField(_label, render_kw=_NUMBER))


def _number(field: Field, what: str = "ESMS", most: int = MOST_ESMS) -> int | None:
    """A whole number of ``what``; None when nothing, or nothing usable, is typed."""
    typed = (field.data or "").strip()
    compact = "".join(typed.split())
    if not compact:
        return None
    if not (compact.isascii() and compact.isdecimal()):
        field.errors = [f"« {typed} » n’est pas un nombre {_OF[what]} : écrivez un nombre entier, 0 ou plus."]
        return None
    if len(compact) > len(str(most)) + 3 or int(compact) > most:
        field.errors = [f"Le simulateur compte jusqu’à {nombre(most)} {what}."]
        return None
    return int(compact)


def _day(field: Field) -> date | None:
    typed = (field.data or "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        field.errors = [f"« {typed} » n’est pas une date : écrivez-la ainsi, 2022-05-31."]
        return None


def _one_of(field: Field, message: str) -> None:
    if field.data not in field.choices:
        field.errors = [message]

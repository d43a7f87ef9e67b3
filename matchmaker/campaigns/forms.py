"""Forms of campaigns: what a person typed, read as values, with French sentences at the fields.

What may be kept is decided by the features' functions; ``attach`` puts their refusals at the fields.

When to modify: a page of campaigns asks something more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import wording
from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.by_hand import HandEntry
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.listing import SolutionValues
from matchmaker.campaigns.members import NewSolution
from matchmaker.reference.territories import departements, regions
from matchmaker.web.formats import typographie

YES_NO = {"oui": "oui", "non": "non"}


def checkboxes(label: str, choices: Mapping[str, str] | None = None) -> Any:
    """Several of a list, as boxes to tick; what is not in the list is refused by the feature."""
    return SelectMultipleField(
        label,
        choices=None if choices is None else dict(choices),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose refusals come from the features. A name that is no field goes above the form."""

    def attach(self, problems: Mapping[str, str]) -> None:
        for name, message in problems.items():
            field: Field | None = self._fields.get(self.renamed.get(name, name))
            if field is None:
                self.form_errors.append(typographie(message))
            else:
                field.errors = [*field.errors, typographie(message)]

    # names of the feature -> names of the fields, where they differ
    renamed: ClassVar[Mapping[str, str]] = {}


def _typed(typed: bool) -> dict[str, Any]:
    """A page with several forms fills only the one that was sent from the request."""
    return {} if typed else {"formdata": None}


def whole_number(text: str | None) -> int | str | None:
    """« 1 000 000 » -> 1000000, empty -> None; the text itself when it is not a whole number."""
    compact = "".join((text or "").replace("€", "").split())
    if not compact:
        return None
    return int(compact) if compact.isdecimal() and len(compact) <= 15 else (text or "").strip()


def decimal_number(text: str | None) -> float | int | str | None:
    """« 62,5 km » -> 62.5, empty -> None; the text itself when it is not a number."""
    compact = "".join((text or "").casefold().replace("km", "").split()).replace(",", ".")
    if not compact:
        return None
    try:
        value = float(compact)
    except ValueError:
        return (text or "").strip()
    if not math.isfinite(value):
        return (text or "").strip()
    return int(value) if value == int(value) else value


def _regimes() -> dict[str, str]:
    return {text.regime.value: f"{text.label} – {text.description}" for text in shipped_rules().regimes}


def _readings(identifier: str) -> dict[str, str]:
    (found,) = (c for c in shipped_rules().contradictions if c.id == identifier)
    return {option.id: option.label for option in found.options}


class ParametersForm(Form):
    """What a campaign asks of its grappes: name, regime, parameters, readings."""

    renamed: ClassVar = {"territory": "members_share"}

    name = StringField(
        "Nom de la campagne", description="Par exemple « Occitanie 2022 ».", render_kw={"maxlength": "120"}
    )
    regime = RadioField(
        "Régime de financement", choices=_regimes, validate_choice=False, default="generalisation-2022"
    )
    members_share = RadioField(
        "Les membres d’une grappe sont",
        choices={
            "region": "dans la région du porteur",
            "departement": "dans le département du porteur",
            "none": "n’importe où",
        },
        description="Une grappe à cheval sur deux régions est financée par chaque ARS, au prorata des ESMS.",
        default="region",
        validate_choice=False,
    )
    max_radius_km = StringField(
        "Distance maximale au porteur, en km",
        description="À vol d’oiseau, de chaque membre au porteur. Vide : pas de limite.",
        render_kw={"inputmode": "decimal", "size": "8"},
    )
    same_hosting = RadioField(
        "Un seul mode d’hébergement par grappe",
        choices=YES_NO,
        description="Les Hauts-de-France l’exigent en 2021 ; les autres textes n’en disent rien.",
        default="oui",
        validate_choice=False,
    )
    mix_champs = RadioField(
        "Une grappe peut réunir plusieurs champs (PA, PH, domicile…)",
        choices=YES_NO,
        description="Si oui, un dossier PAI numérique sera à déposer par champ.",
        default="oui",
        validate_choice=False,
    )
    mix_needs = RadioField(
        "Une grappe peut mêler montées de version et acquisitions",
        choices={"": "selon le régime : oui en 2021 (« projet mixte »), non en 2022"} | YES_NO,
        default="",
        validate_choice=False,
    )
    min_size = StringField(
        "Nombre minimal d’ESMS par grappe",
        description="Vide : celui du régime.",
        render_kw={"inputmode": "numeric", "size": "8"},
    )
    max_size = StringField(
        "Nombre maximal d’ESMS par grappe",
        description="Vide : celui du régime.",
        render_kw={"inputmode": "numeric", "size": "8"},
    )
    min_slack = StringField(
        "Marge au-dessus du minimum, en ESMS",
        description="Chaque grappe formée compte autant d’ESMS de plus que le minimum : elle tient encore "
        "si certains renoncent. Vide : 0, aucune marge.",
        render_kw={"inputmode": "numeric", "size": "8"},
    )
    max_grappes = StringField(
        "Nombre maximal de grappes",
        description="Les aides versées une fois par grappe poussent à en former beaucoup de petites ; une "
        "limite donne des grappes plus grandes, moins nombreuses à accompagner. Les grappes imposées "
        "comptent. Vide : pas de limite.",
        render_kw={"inputmode": "numeric", "size": "8"},
    )
    objective = RadioField(
        "Ce que le calcul cherche",
        choices={
            "funding": "le plus de financement",
            "coverage": "le plus d’ESMS placés",
        },
        default="funding",
        validate_choice=False,
    )
    budget_eur = StringField(
        "Total à ne pas dépasser, en euros",
        description="Le calcul ne proposera pas de grappes au-delà de cette somme. Vide : pas de limite.",
        render_kw={"inputmode": "numeric", "size": "14"},
    )
    envelope_eur = StringField(
        "Enveloppe annoncée par l’ARS, en euros",
        description="Affichée à côté des totaux ; elle ne limite pas le calcul.",
        render_kw={"inputmode": "numeric", "size": "14"},
    )
    stability_eur_per_esms = StringField(
        "Prix de la stabilité, en euros par ESMS",
        description="Ce que vaut, dans le choix seulement, un ESMS qui reste dans sa grappe d’un calcul à "
        "l’autre. Vide : 0.",
        render_kw={"inputmode": "numeric", "size": "14"},
    )
    K01 = RadioField("K01", choices=lambda: _readings("K01"), default="lt15", validate_choice=False)
    K07 = RadioField("K07", choices=lambda: _readings("K07"), default="acquisition", validate_choice=False)
    K10 = RadioField("K10", choices=lambda: _readings("K10"), default="counted", validate_choice=False)

    def values(self) -> dict[str, Any]:
        """Arguments of ``campaign.create`` and ``campaign.change``, which refuse all that is wrong at once.

        What should be a number and is not stays the text that was typed.
        """
        stability = whole_number(self.stability_eur_per_esms.data)
        slack = whole_number(self.min_slack.data)
        mix_needs = {"oui": True, "non": False}.get(self.mix_needs.data or "")
        return {
            "name": self.name.data or "",
            "regime": self.regime.data or "",
            "envelope_eur": whole_number(self.envelope_eur.data),
            "parameters": {
                "territory": self.members_share.data,
                "max_radius_km": decimal_number(self.max_radius_km.data),
                "same_hosting": self.same_hosting.data == "oui",
                "mix_champs": self.mix_champs.data == "oui",
                "mix_needs": mix_needs,
                "min_size": whole_number(self.min_size.data),
                "max_size": whole_number(self.max_size.data),
                "objective": self.objective.data,
                "budget_eur": whole_number(self.budget_eur.data),
                "stability_eur_per_esms": 0 if stability is None else stability,
                "min_slack": 0 if slack is None else slack,
                "max_grappes": whole_number(self.max_grappes.data),
            },
            "readings": {"K01": self.K01.data, "K07": self.K07.data, "K10": self.K10.data},
        }

    @classmethod
    def of(cls, values: CampaignValues, *, typed: bool = True) -> ParametersForm:
        """The form filled with a campaign; with what was sent instead when ``typed``."""
        parameters = values.parameters
        yes_no = {True: "oui", False: "non", None: ""}
        return cls(
            name=values.name,
            regime=values.regime,
            members_share=parameters["territory"],
            max_radius_km=_french(parameters["max_radius_km"]),
            same_hosting=yes_no[parameters["same_hosting"]],
            mix_champs=yes_no[parameters["mix_champs"]],
            mix_needs=yes_no[parameters["mix_needs"]],
            min_size=_french(parameters["min_size"]),
            max_size=_french(parameters["max_size"]),
            objective=parameters["objective"],
            budget_eur=_french(parameters["budget_eur"]),
            envelope_eur=_french(values.envelope_eur),
            stability_eur_per_esms=_french(parameters["stability_eur_per_esms"] or None),
            min_slack=_french(parameters.get("min_slack") or None),
            max_grappes=_french(parameters.get("max_grappes")),
            **values.readings,
            **_typed(typed),
        )


def _french(value: float | int | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def _places() -> dict[str, dict[str, str]]:
    return {
        "Toute la France": {"france": "France entière"},
        "Régions": {f"region-{code}": region.name for code, region in regions().items()},
        "Départements": {
            f"departement-{code}": f"{code} {departement.name}"
            for code, departement in departements().items()
        },
    }


class NewCampaignForm(ParametersForm):
    """A campaign to create: its territory, then the parameters."""

    place = SelectField(
        "Territoire",
        choices=_places,
        validate_choice=False,
        description="Les ESMS de ce territoire seront proposés depuis le registre.",
    )

    def territory(self) -> dict[str, str | None]:
        """``region`` and ``departement`` of ``campaign.create``."""
        kind, _sep, code = (self.place.data or "").partition("-")
        if kind == "france":
            return {"region": None, "departement": None}
        if kind == "departement":
            known = departements().get(code)
            return {"region": known.region if known else "?", "departement": code}
        return {"region": code or "?", "departement": None}


class AnswerForm(Form):
    """What one ESMS answers, and whether it is left out."""

    renamed: ClassVar = {"accepted_solutions": "solutions_mode", "accepted_hosting": "hosting_mode"}

    need = RadioField(
        "Besoin",
        choices={
            "": "pas encore de réponse",
            **{word: f"{label} : {wording.NEED_HELP[word]}" for word, label in wording.NEEDS.items()},
        },
        validate_choice=False,
        default="",
    )
    current_solution = SelectField(
        "DUI actuel",
        validate_choice=False,
        description="Nécessaire pour un renouvellement ou une montée de version.",
    )
    solutions_mode = RadioField(
        "DUI acceptés",
        choices={
            "": "pas encore de réponse",
            "any": "toutes les solutions",
            "list": "seulement celles cochées ci-dessous",
            "none": "aucune",
        },
        validate_choice=False,
        default="",
    )
    solutions = checkboxes("Solutions cochées")
    hosting_mode = RadioField(
        "Hébergements acceptés",
        choices={
            "": "pas encore de réponse",
            "any": "tous les modes",
            "list": "seulement ceux cochés ci-dessous",
            "none": "aucun",
        },
        validate_choice=False,
        default="",
    )
    hosting = checkboxes("Modes cochés", wording.HOSTING)
    lot = StringField(
        "Lot",
        description="Les ESMS de cet organisme qui portent le même nom de lot sont placés ensemble ou pas du "
        "tout.",
        render_kw={"maxlength": "80"},
    )
    can_be_porteur = RadioField("Peut être porteur", choices=YES_NO, default="oui", validate_choice=False)

    def problems(self) -> dict[str, str]:
        """« Only those ticked », with nothing ticked."""
        wanted = {"solutions_mode": self.solutions, "hosting_mode": self.hosting}
        return {
            name: "Cochez au moins une ligne, ou choisissez une autre réponse."
            for name, boxes in wanted.items()
            if self[name].data == "list" and not boxes.data
        }

    def answer(self) -> Answer:
        return Answer(
            need=self.need.data or None,
            current_solution=self.current_solution.data or None,
            accepted_solutions=_accepted(self.solutions_mode.data, self.solutions.data),
            accepted_hosting=_accepted(self.hosting_mode.data, self.hosting.data),
            lot=(self.lot.data or "").strip() or None,
            can_be_porteur=self.can_be_porteur.data != "non",
        )

    @classmethod
    def of(cls, answer: Answer, solutions: list[SolutionValues], *, typed: bool = True) -> AnswerForm:
        """The form filled with an answer, with what was sent instead when ``typed``."""
        form = cls(
            need=answer.need or "",
            current_solution=answer.current_solution or "",
            solutions_mode=_mode(answer.accepted_solutions),
            solutions=_boxes(answer.accepted_solutions),
            hosting_mode=_mode(answer.accepted_hosting),
            hosting=_boxes(answer.accepted_hosting),
            lot=answer.lot or "",
            can_be_porteur="oui" if answer.can_be_porteur else "non",
            **_typed(typed),
        )
        names = {s.code: s.name + (" (fictif)" if s.fictitious else "") for s in solutions}
        form.current_solution.choices = {"": "non indiqué"} | names
        form.solutions.choices = names
        return form


def _accepted(mode: str | None, boxes: list[str] | None) -> Accepted:
    if mode == "any":
        return ANY
    if mode == "none":
        return ()
    ticked = tuple(boxes or ())
    # Boxes ticked without saying « seulement celles cochées » are meant; « seulement » without a box is not.
    return ticked or None


def _mode(accepted: Accepted) -> str:
    if accepted is None:
        return ""
    if isinstance(accepted, str):
        return "any"
    return "list" if accepted else "none"


def _boxes(accepted: Accepted) -> list[str]:
    return list(accepted) if isinstance(accepted, tuple) else []


class HandEntryForm(Form):
    """An ESMS that the register does not hold."""

    name = StringField("Nom de l’ESMS", render_kw={"maxlength": "200"})
    finess = StringField(
        "FINESS géographique",
        description="9 caractères. Sans lui, l’ESMS ne peut pas être financé, mais il peut entrer au calcul.",
        render_kw={"size": "12"},
    )
    champ = SelectField(
        "Champ",
        choices={"": "Choisir…"} | {code: f"{code} {label}" for code, label in wording.CHAMPS.items()},
        validate_choice=False,
    )
    category = StringField("Catégorie", description="Par exemple EHPAD, SESSAD.", render_kw={"size": "30"})
    commune = StringField("Commune", render_kw={"size": "30"})
    postal_code = StringField("Code postal", render_kw={"size": "6", "inputmode": "numeric"})
    organisme = SelectField("Organisme gestionnaire", validate_choice=False)
    new_organisme = StringField(
        "Nom du nouvel organisme", description="S’il n’est pas dans la liste.", render_kw={"maxlength": "200"}
    )
    new_organisme_total = StringField(
        "Nombre de tous les ESMS du nouvel organisme",
        description="Dans la campagne ou non : il décide des aides aux petits organismes.",
        render_kw={"size": "6", "inputmode": "numeric"},
    )

    @classmethod
    def among(cls, organismes: list[tuple[str, str]]) -> HandEntryForm:
        form = cls()
        form.organisme.choices = {"": "un nouvel organisme"} | dict(organismes)
        return form

    def entry(self) -> HandEntry:
        return HandEntry(
            name=self.name.data or "",
            finess=self.finess.data or "",
            champ=self.champ.data or "",
            category=self.category.data or "",
            commune=self.commune.data or "",
            postal_code=self.postal_code.data or "",
            organisme=self.organisme.data or "",
            new_organisme=self.new_organisme.data or "",
            new_organisme_total=whole_number(self.new_organisme_total.data),
        )


class TotalForm(Form):
    """How many ESMS an organisme has in all."""

    total = StringField(
        "Nombre de tous ses ESMS",
        description="Dans la campagne ou non, toutes régions confondues. Il décide des aides aux petits "
        "organismes.",
        render_kw={"size": "6", "inputmode": "numeric"},
    )


class ExclusionForm(Form):
    """Leave an ESMS out of the runs."""

    reason = TextAreaField(
        "Raison",
        description="Elle accompagnera le résultat : l’ESMS y figurera comme « exclu ».",
        render_kw={"rows": "2", "maxlength": "500"},
    )


class PairForm(Form):
    """Keep two organismes apart or together."""

    kind = RadioField(
        "Ces deux organismes sont",
        choices={
            "apart": "séparés : jamais dans la même grappe",
            "together": "ensemble : tous leurs ESMS dans une même grappe, ou aucun",
        },
        default="apart",
        validate_choice=False,
    )
    one = SelectField("Premier organisme", validate_choice=False)
    other = SelectField("Second organisme", validate_choice=False)
    reason = TextAreaField("Raison", render_kw={"rows": "2", "maxlength": "500"})

    @classmethod
    def among(cls, organismes: list[tuple[str, str]], *, typed: bool) -> PairForm:
        """The form for these organismes (code, name), with what was sent when ``typed``."""
        form = cls(**_typed(typed))
        form.one.choices = form.other.choices = {"": "Choisir…"} | dict(organismes)
        return form


class SolutionForm(Form):
    """What is known of a solution."""

    name = StringField("Nom de la solution", render_kw={"maxlength": "120"})
    segur_status = RadioField(
        "Statut Ségur",
        choices={
            "referenced": "référencée",
            "not_referenced": "non référencée",
            "unknown": "inconnu : comptée comme non référencée",
        },
        default="unknown",
        validate_choice=False,
    )
    hosting = checkboxes("Hébergements offerts", wording.HOSTING)
    champs = checkboxes(
        "Champs couverts", {code: f"{code} {label}" for code, label in wording.CHAMPS.items()}
    )

    def solution(self, code: str, *, fictitious: bool) -> NewSolution:
        return NewSolution(
            code=code,
            name=self.name.data or "",
            segur_status=self.segur_status.data or "",
            hosting=tuple(self.hosting.data or ()),
            champs=tuple(self.champs.data or ()),
            fictitious=fictitious,
        )


class UploadForm(Form):
    """A needs file to check."""

    file = FileField(
        "Fichier CSV ou XLSX",
        description="10 Mo et 20 000 lignes au plus.",
        render_kw={"accept": ".csv,.xlsx"},
    )

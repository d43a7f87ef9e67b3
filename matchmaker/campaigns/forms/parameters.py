"""What a campaign asks of its grappes, and a campaign to create.

When to modify: a parameter is added.
"""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import RadioField, SelectField, StringField

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.forms.form import YES_NO, Form, only_sent
from matchmaker.campaigns.forms.numbers import decimal_number, french, whole_number
from matchmaker.reference.territories import departements, regions


def _regimes() -> dict[str, str]:
    return {text.regime.value: f"{text.label} – {text.description}" for text in shipped_rules().regimes}


class ParametersForm(Form):
    """What a campaign asks of its grappes: name, regime, parameters."""

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
        "limite donne des grappes plus grandes, moins nombreuses à accompagner. Les grappes conservées "
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
        "Valeur de la stabilité, en euros par ESMS",
        description="Ce que vaut, dans le choix seulement, un ESMS qui reste dans sa grappe du plan de "
        "référence ; sans plan de référence, elle ne compte pas. Vide : 0.",
        render_kw={"inputmode": "numeric", "size": "14"},
    )

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
            max_radius_km=french(parameters["max_radius_km"]),
            same_hosting=yes_no[parameters["same_hosting"]],
            mix_champs=yes_no[parameters["mix_champs"]],
            mix_needs=yes_no[parameters["mix_needs"]],
            min_size=french(parameters["min_size"]),
            max_size=french(parameters["max_size"]),
            objective=parameters["objective"],
            budget_eur=french(parameters["budget_eur"]),
            envelope_eur=french(values.envelope_eur),
            stability_eur_per_esms=french(parameters["stability_eur_per_esms"] or None),
            min_slack=french(parameters.get("min_slack") or None),
            max_grappes=french(parameters.get("max_grappes")),
            **only_sent(typed),
        )


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

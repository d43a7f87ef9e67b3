"""The form that starts a comparison."""

from __future__ import annotations

from wtforms import SelectField

from matchmaker.runs.forms import StartForm

_OFFERED = "Choisissez une des valeurs proposées."
DURATIONS = {
    60: "1 minute, pour essayer",
    300: "5 minutes",
    900: "15 minutes",
    3600: "1 heure",
}
POINTS = {5: "5 plans", 8: "8 plans", 12: "12 plans"}


class CompareForm(StartForm):
    """``points``: plans at most; ``budget_s``: seconds for all of them together."""

    gap_permille = None
    budget_s = SelectField(
        "Durée totale",
        coerce=int,
        choices=DURATIONS,
        default=300,
        invalid_value_message=_OFFERED,
        invalid_choice_message=_OFFERED,
        description="Partagée entre les plans. Vous pourrez arrêter plus tôt et garder ceux déjà trouvés.",
    )
    points = SelectField(
        "Nombre de plans à calculer",
        coerce=int,
        choices=POINTS,
        default=8,
        invalid_value_message=_OFFERED,
        invalid_choice_message=_OFFERED,
        description="Au plus : un plan moins bon qu’un autre en tout n’est pas montré.",
    )

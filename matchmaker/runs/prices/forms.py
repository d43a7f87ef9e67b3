"""The form that asks what each rule of a plan costs."""

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


class PricesForm(StartForm):
    """``budget_s``: seconds for all the rules together."""

    gap_permille = None
    budget_s = SelectField(
        "Durée totale",
        coerce=int,
        choices=DURATIONS,
        default=300,
        invalid_value_message=_OFFERED,
        invalid_choice_message=_OFFERED,
        description="Partagée entre les règles : plus elle est longue, plus les fourchettes sont étroites. "
        "Vous pourrez arrêter plus tôt et garder ce qui est déjà trouvé.",
    )

"""The forms that start a run, and that end a campaign.

When to modify: the analyst may choose something else before a run.
"""

from __future__ import annotations

import secrets

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

DURATIONS = {
    30: "30 secondes, pour essayer",
    120: "2 minutes",
    300: "5 minutes",
    900: "15 minutes",
    3600: "1 heure",
}
GAPS = {
    0: "jamais : jusqu’à la preuve du maximum ou la fin de la durée",
    5: "dès qu’il reste au plus 0,5 % à gagner",
    10: "dès qu’il reste au plus 1 % à gagner",
    20: "dès qu’il reste au plus 2 % à gagner",
}
SHARED_DURATIONS = {
    60: "1 minute, pour essayer",
    300: "5 minutes",
    900: "15 minutes",
    3600: "1 heure",
}
OFFERED = "Choisissez une des valeurs proposées."


class StartForm(FlaskForm):  # type: ignore[misc]
    """``budget_s``: seconds; ``gap_permille``: thousandths; ``token``: new each time it is shown."""

    token = HiddenField(
        default=lambda: secrets.token_hex(16),
        render_kw={"autocomplete": "off"},
        validators=[Length(16, 40, "Le formulaire est incomplet : rechargez la page, puis recommencez.")],
    )

    budget_s = SelectField(
        "Durée du calcul",
        coerce=int,
        choices=DURATIONS,
        default=120,
        invalid_value_message=OFFERED,
        invalid_choice_message=OFFERED,
        description="Vous pourrez l’arrêter plus tôt et garder le meilleur plan trouvé.",
    )
    gap_permille = SelectField(
        "S’arrêter avant la fin",
        coerce=int,
        choices=GAPS,
        default=0,
        invalid_value_message=OFFERED,
        invalid_choice_message=OFFERED,
    )


class SharedTimeForm(StartForm):
    """A run of several searches: ``budget_s`` is for all of them together; each goes on to its end."""

    gap_permille = None
    budget_s = SelectField(
        "Durée totale",
        coerce=int,
        choices=SHARED_DURATIONS,
        default=300,
        invalid_value_message=OFFERED,
        invalid_choice_message=OFFERED,
    )


class DeletionForm(FlaskForm):  # type: ignore[misc]
    """Deleting asks for the name: a click too many deletes nothing."""

    name = StringField("Recopiez le nom de la campagne", render_kw={"autocomplete": "off"})

"""The form that starts a comparison."""

from __future__ import annotations

from wtforms import SelectField

from matchmaker.runs.forms import OFFERED, SharedTimeForm

POINTS = {5: "5 plans", 8: "8 plans", 12: "12 plans"}


class CompareForm(SharedTimeForm):
    """``points``: plans at most."""

    points = SelectField(
        "Nombre de plans à calculer",
        coerce=int,
        choices=POINTS,
        default=8,
        invalid_value_message=OFFERED,
        invalid_choice_message=OFFERED,
        description="Au plus : un plan moins bon qu’un autre en tout n’est pas montré.",
    )

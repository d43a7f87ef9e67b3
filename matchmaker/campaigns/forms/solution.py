"""What is known of a solution."""

from __future__ import annotations

from wtforms import RadioField, StringField

from matchmaker.campaigns import wording
from matchmaker.campaigns.forms.form import Form, checkboxes
from matchmaker.campaigns.members import NewSolution


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

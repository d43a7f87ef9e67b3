"""Disputed readings to accept or to change, one by one or all at once.

When to modify: a reading is settled with something more than an option and a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField, TextAreaField

from matchmaker.campaigns.forms.form import Form
from matchmaker.campaigns.readings import Taken

_LATER = "Pas encore examinée : la lecture proposée compte"


class ReadingsForm(Form):
    """``reason``: of all that is settled at once."""

    reason = TextAreaField(
        "Source ou raison",
        description="Par exemple : réponse de l’ARS du 12/11. Elle accompagne chaque lecture que vous "
        "acceptez ou changez maintenant.",
        render_kw={"rows": "2", "maxlength": "500"},
    )

    def choices(self, taken: Sequence[Taken]) -> dict[str, str | None]:
        """The option chosen for each reading; those left for later are not in it."""
        sent = {one.contradiction.id: self[one.contradiction.id].data for one in taken}
        return {identifier: option for identifier, option in sent.items() if option != ""}


def readings_form(taken: Sequence[Taken]) -> ReadingsForm:
    """A field by reading, named by its contradiction; one that nobody settled starts on « later »."""
    fields = {}
    for one in taken:
        choices = {option.id: option.label for option in one.contradiction.options}
        if one.author is None:
            choices[""] = _LATER
        fields[one.contradiction.id] = RadioField(
            one.contradiction.question,
            choices=choices,
            default="" if one.author is None else one.option.id,
            validate_choice=False,
        )
    made: type[ReadingsForm] = type("ReadingsOfCampaignForm", (ReadingsForm,), fields)
    return made()

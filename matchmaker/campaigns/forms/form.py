"""What the forms of campaigns have in common: refusals of the features at their fields, boxes to tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

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


def only_sent(typed: bool) -> dict[str, Any]:
    """A page with several forms fills only the one that was sent from the request."""
    return {} if typed else {"formdata": None}

"""What is asked of the report « ce qui change »: another call, and the day of the deposit.

A GET form without a token: it writes nothing, and its address can be kept and sent.
When to modify: the report asks something more.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import Form, SelectField, StringField

from matchmaker.baremes.rules import Rules
from matchmaker.web.formats import typographie


class ChangesForm(Form):  # type: ignore[misc]
    """``appel``: any call that the rules have but the plan's own."""

    appel = SelectField("Comparer avec l’appel", validate_choice=False)
    jour = StringField(
        "Jour du dépôt",
        description="Sans lui, les derniers montants de l’appel comptent.",
        render_kw={"type": "date"},
    )

    def __init__(self, rules: Rules, regime: str, formdata: Any = None) -> None:
        super().__init__(formdata)
        self.appel.choices = {call.id: call.label for call in rules.calls if call.id != regime}

    def read(self) -> tuple[str, date | None] | None:
        """(call, day), or None: the mistake is then at its field."""
        for field in self:
            field.errors = []
        if self.appel.data not in self.appel.choices:
            self.appel.errors = ["Choisissez un appel à projets de la liste."]
        day = None
        typed = (self.jour.data or "").strip()
        if typed:
            try:
                day = date.fromisoformat(typed)
            except ValueError:
                told = f"« {typed} » n’est pas une date : écrivez-la ainsi, 2022-05-31."
                self.jour.errors = [typographie(told)]
        return None if any(field.errors for field in self) else (self.appel.data, day)

"""Forms of grappes: only the fields named here are ever read from a request.

When to modify: a page of grappes asks something more.
"""

from __future__ import annotations

from collections.abc import Collection

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.accounts.forms import Form
from matchmaker.campaigns.wording import HOSTING
from matchmaker.grappes.rooms import Room
from matchmaker.partners.viewing import View


class OpenForm(Form):
    """The offer of a grappe; ``esms`` when opening it, ``version`` when changing it."""

    solution = SelectField("Solution", validate_choice=False)
    hosting = SelectField("Hébergement", validate_choice=False)
    esms = SelectMultipleField(
        "Vos ESMS dans cette grappe",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    listed = BooleanField("Montrer la grappe, sans nom, aux organismes de la campagne", default=True)
    version = HiddenField()

    def choices(self, view: View, away: Collection[str]) -> None:
        """Offer what the organisme may choose, its own ESMS ticked at first."""
        self._offers(view)
        assert view.me is not None
        free = [e for e in view.me.esms if e.id not in away]
        self.esms.choices = [(e.id, e.name) for e in free]
        if not self.is_submitted():
            self.esms.data = [e.id for e in free]
            best = max(view.me.kinds, key=lambda kind: (view.me.kinds[kind], str(kind)), default=None)  # type: ignore[union-attr]
            if best is not None:
                (self.solution.data, mode), _kind = best
                self.hosting.data = "" if mode is None else str(mode)

    @classmethod
    def of_room(cls, view: View, room: Room) -> OpenForm:
        """The form that changes the offer of a grappe, with its values."""
        form = cls(formdata=None)
        form._offers(view)
        form.solution.data, form.hosting.data = room.solution, room.hosting or ""
        form.listed.data, form.version.data = room.listed, str(room.version)
        return form

    def _offers(self, view: View) -> None:
        assert view.question is not None
        solutions = sorted(view.question.frame.solutions, key=lambda s: s.name)
        self.solution.choices = [(s.id, s.name) for s in solutions]
        if view.question.frame.parameters.same_hosting:
            self.hosting.choices = list(HOSTING.items())
        else:
            self.hosting.choices = [("", "chaque ESMS garde le sien")]

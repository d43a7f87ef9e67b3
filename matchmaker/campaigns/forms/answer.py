"""What one ESMS answers.

When to modify: a question is added to the needs form.
"""

from __future__ import annotations

import json
from typing import ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, StringField

from matchmaker.campaigns import wording
from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.editing import FIELDS, Typed, answer_of
from matchmaker.campaigns.forms.form import YES_NO, Form, checkboxes, only_sent
from matchmaker.campaigns.forms.unheard import sent_before
from matchmaker.campaigns.listing import SolutionValues


class AnswerForm(Form):
    """What one ESMS answers, and whether it is left out."""

    renamed: ClassVar = {"accepted_solutions": "solutions_mode", "accepted_hosting": "hosting_mode"}

    need = RadioField(
        "Besoin",
        choices={
            "": "pas encore de réponse",
            **{word: f"{label} : {wording.NEED_HELP[word]}" for word, label in wording.NEEDS.items()},
        },
        validate_choice=False,
        default="",
    )
    current_solution = SelectField(
        "DUI actuel",
        validate_choice=False,
        description="Nécessaire pour un renouvellement ou une montée de version.",
    )
    solutions_mode = RadioField(
        "DUI acceptés",
        choices={
            "": "pas encore de réponse",
            "any": "toutes les solutions",
            "list": "seulement celles cochées ci-dessous",
            "none": "aucune",
        },
        validate_choice=False,
        default="",
    )
    solutions = checkboxes("Solutions cochées")
    hosting_mode = RadioField(
        "Hébergements acceptés",
        choices={
            "": "pas encore de réponse",
            "any": "tous les modes",
            "list": "seulement ceux cochés ci-dessous",
            "none": "aucun",
        },
        validate_choice=False,
        default="",
    )
    hosting = checkboxes("Modes cochés", wording.HOSTING)
    lot = StringField(
        "Lot",
        description="Les ESMS de cet organisme qui portent le même nom de lot sont placés ensemble ou pas du "
        "tout.",
        render_kw={"maxlength": "80"},
    )
    can_be_porteur = RadioField("Peut être porteur", choices=YES_NO, default="oui", validate_choice=False)

    def problems(self) -> dict[str, str]:
        """« Only those ticked », with nothing ticked; by fields of the answer."""
        wanted = {"accepted_solutions": self.solutions, "accepted_hosting": self.hosting}
        return {
            name: "Cochez au moins une ligne, ou choisissez une autre réponse."
            for name, boxes in wanted.items()
            if self[self.renamed[name]].data == "list" and not boxes.data
        }

    def typed(self, sent: MultiDict[str, str]) -> Typed:
        """What a page sent, with what it showed; raises ``ValueError`` when the page is none of ours."""
        shown = sent.get("depart")
        answer = self.answer()
        insisted, given_up = sent.get("garder", ""), sent.get("prendre")
        fields = [name for name in FIELDS if self.renamed.get(name, name) in sent and name != given_up]
        return Typed(
            answer=answer,
            shown=answer_of(shown) if shown else Answer(),
            sent=fields,
            unusable=self.problems(),
            insisted={insisted: json.loads(sent.get(f"vu-{insisted}", "null"))} if insisted in FIELDS else {},
            before=[type(self)(formdata=one).answer() for one in sent_before(sent)],
        )

    def answer(self) -> Answer:
        return Answer(
            need=self.need.data or None,
            current_solution=self.current_solution.data or None,
            accepted_solutions=_accepted(self.solutions_mode.data, self.solutions.data),
            accepted_hosting=_accepted(self.hosting_mode.data, self.hosting.data),
            lot=(self.lot.data or "").strip() or None,
            can_be_porteur=self.can_be_porteur.data != "non",
        )

    @classmethod
    def of(cls, answer: Answer, solutions: list[SolutionValues], *, typed: bool = True) -> AnswerForm:
        """The form filled with an answer, with what was sent instead when ``typed``."""
        form = cls(
            need=answer.need or "",
            current_solution=answer.current_solution or "",
            solutions_mode=_mode(answer.accepted_solutions),
            solutions=_boxes(answer.accepted_solutions),
            hosting_mode=_mode(answer.accepted_hosting),
            hosting=_boxes(answer.accepted_hosting),
            lot=answer.lot or "",
            can_be_porteur="oui" if answer.can_be_porteur else "non",
            **only_sent(typed),
        )
        names = {s.code: s.name + (" (fictif)" if s.fictitious else "") for s in solutions}
        form.current_solution.choices = {"": "non indiqué"} | names
        form.solutions.choices = names
        return form


def _accepted(mode: str | None, boxes: list[str] | None) -> Accepted:
    if mode == "any":
        return ANY
    if mode == "none":
        return ()
    ticked = tuple(boxes or ())
    # Boxes ticked without saying « seulement celles cochées » are meant; « seulement » without a box is not.
    return ticked or None


def _mode(accepted: Accepted) -> str:
    if accepted is None:
        return ""
    if isinstance(accepted, str):
        return "any"
    return "list" if accepted else "none"


def _boxes(accepted: Accepted) -> list[str]:
    return list(accepted) if isinstance(accepted, tuple) else []

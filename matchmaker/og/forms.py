"""What a row of « Mes ESMS » sends: the answer and the details of one ESMS, with what the page showed.

When to modify: a question is added to the row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from matchmaker.campaigns import editing
from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.editing import FIELDS, answer_of
from matchmaker.campaigns.forms.numbers import whole_number
from matchmaker.campaigns.forms.unheard import sent_before
from matchmaker.campaigns.listing import SolutionValues
from matchmaker.campaigns.wording import plain
from matchmaker.og import details
from matchmaker.og.details import LONGEST_DUI, LONGEST_REMARK, MOST, NUMBERS, Detail, detail_of
from solver.vocabulary import Hosting

# Fields of an answer that the row sends; the rest is the regional team's.
ASKED = ("need", "current_solution", "accepted_solutions", "accepted_hosting", "lot")
_NO_DUI = frozenset({"", "aucun", "aucune", "non", "rien"})


@dataclass(frozen=True, slots=True)
class Sent:
    """A row as it was sent: both halves, each with what it was shown."""

    answer: editing.Typed
    detail: details.Typed


def read(sent: MultiDict[str, str], solutions: Sequence[SolutionValues]) -> Sent:
    """The row of a request; raises ``ValueError`` or ``TypeError`` when the page is none of ours."""
    shown, shown_detail = answer_of(sent["depart"]), detail_of(sent["depart_details"])
    insisted, given_up = sent.get("garder", ""), sent.get("prendre", "")
    seen = {insisted: json.loads(sent.get(f"vu-{insisted}", "null"))} if insisted else {}
    answer, detail, unusable = _typed(sent, shown, solutions)
    before = [_typed(one, shown, solutions) for one in sent_before(sent)]
    said = [
        replace(one, **{name: getattr(shown_detail, name) for name in wrong}) for _a, one, wrong in before
    ]
    return Sent(
        editing.Typed(
            answer=answer,
            shown=shown,
            sent=[name for name in ASKED if name != given_up],
            insisted={name: value for name, value in seen.items() if name in FIELDS},
            before=[one for one, _detail, _wrong in before],
        ),
        details.Typed(
            detail=detail,
            shown=shown_detail,
            unusable=unusable,
            insisted={name: value for name, value in seen.items() if name in details.FIELDS},
            given_up=(given_up,),
            before=said,
        ),
    )


def _typed(
    sent: MultiDict[str, str], shown: Answer, solutions: Sequence[SolutionValues]
) -> tuple[Answer, Detail, dict[str, str]]:
    """Both halves of a row, and what cannot be read of the second (field -> sentence)."""
    code, typed_dui = _current(sent.get("dui", ""), solutions)
    answer = Answer(
        need=sent.get("besoin") or None,
        current_solution=code,
        accepted_solutions=_accepted(sent.getlist("solutions"), shown.accepted_solutions),
        accepted_hosting=_hosting(sent.getlist("hebergements"), shown.accepted_hosting),
        lot=" ".join(typed_text(sent.get("lot", "")).split()) or None,
        can_be_porteur=shown.can_be_porteur,
    )
    return answer, *_detail(sent, typed_dui)


def read_many(
    sent: MultiDict[str, str], own: Collection[str]
) -> tuple[Answer, dict[str, Answer], dict[str, str]]:
    """Several ESMS at once: what is given to all, what the page showed of each ticked, and what is wrong.

    Codes that are not among ``own`` are not looked at; raises as ``read`` does.
    """
    codes = [code for code in sent.getlist("esms") if code in own]
    given = for_several(sent)
    problems = {}
    if not codes:
        problems["esms"] = "Cochez au moins un ESMS."
    if given == Answer():
        problems["reponse"] = "Donnez au moins une réponse : besoin, hébergements ou solutions."
    return given, {code: answer_of(sent[f"depart-{code}"]) for code in codes}, problems


def for_several(sent: MultiDict[str, str]) -> Answer:
    """What several ESMS would answer; None where nothing is given."""
    return Answer(
        need=sent.get("besoin") or None,
        accepted_solutions=_accepted(sent.getlist("solutions"), None),
        accepted_hosting=_hosting(sent.getlist("hebergements"), None),
    )


def _current(typed: str, solutions: Sequence[SolutionValues]) -> tuple[str | None, str]:
    """The solution of the catalogue that was named, or what was typed instead."""
    words = " ".join(typed_text(typed).split())
    if plain(words) in _NO_DUI:
        return None, ""
    known = {plain(one.name): one.code for one in solutions}
    code = known.get(plain(words))
    return (code, "") if code else (None, words)


def _accepted(ticked: Sequence[str], shown: Accepted) -> Accepted:
    if ANY in ticked:
        return ANY
    return tuple(ticked) or _unticked(shown)


def _hosting(ticked: Sequence[str], shown: Accepted) -> Accepted:
    if set(ticked) == {mode.value for mode in Hosting}:
        return ANY
    return tuple(ticked) or _unticked(shown)


def _unticked(shown: Accepted) -> Accepted:
    """No box: no answer, unless « nothing is accepted » was the answer shown, which has no box either."""
    return () if shown == () else None


def _detail(sent: Mapping[str, str], current_typed: str) -> tuple[Detail, dict[str, str]]:
    """Details as typed, and what cannot be kept of them."""
    problems: dict[str, str] = {}
    numbers: dict[str, int | None] = {}
    for name in NUMBERS:
        text = sent.get(name, "").strip()
        value = whole_number(text)
        if value is not None and (isinstance(value, str) or not 0 <= value <= MOST):
            problems[name] = details.number_problem(text)
        else:
            numbers[name] = value
    remark = typed_text(sent.get("remark", ""))
    if len(current_typed) > LONGEST_DUI:
        problems["current_typed"] = f"Le nom d’un DUI compte {LONGEST_DUI} caractères au plus."
    if len(remark) > LONGEST_REMARK:
        problems["remark"] = f"La remarque compte {LONGEST_REMARK} caractères au plus."
    made = Detail(current_typed=current_typed, remark=remark)
    return replace(made, **numbers), problems  # type: ignore[arg-type]


def typed_text(typed: str) -> str:
    """What a person can have typed: no control characters, line ends as one character."""
    plain_ends = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain_ends if c.isprintable() or c == "\n").strip()

"""Confront a needs file with a campaign: what each line would change, what is refused and why. No write.

When to modify: a column of the needs file, or what it may hold, changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.needs_file import KEY, Line, NeedsFile
from matchmaker.campaigns.tables import CampaignEsms, CampaignSolution
from matchmaker.campaigns.wording import HOSTING, HOSTING_SYNONYMS, NEEDS, plain
from solver.vocabulary import Need

Outcome = Literal["added", "changed", "unchanged", "refused"]
_SEPARATORS = re.compile(r"[|;,\n]")
_YES = frozenset({"oui", "o", "vrai", "true", "1", "x"})
_NO = frozenset({"non", "n", "faux", "false", "0"})
_EVERY = frozenset({"tous", "toutes", "tout", "any", "indifferent", "peu importe"})
_NOT_IN_CAMPAIGN = "Ce numéro n’est pas dans la campagne : vérifiez-le, ou ajoutez l’ESMS à la campagne."
_CURRENT_NOT_ACCEPTED = "Pour une montée de version, le DUI actuel doit être parmi les DUI acceptés."
_NONE = frozenset({"aucun", "aucune", "rien"})
# A field of an answer -> its column.
COLUMN_OF: Mapping[str, str] = {
    "need": "besoin",
    "current_solution": "dui_actuel",
    "accepted_solutions": "dui_acceptes",
    "accepted_hosting": "hebergements_acceptes",
    "lot": "lot",
    "can_be_porteur": "peut_etre_porteur",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing wrong on one line: the column, what it holds, what is expected, in French."""

    line: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line that can be kept. ``added``: the ESMS had not answered before."""

    line: int
    esms_code: str
    esms_name: str
    answer: Answer
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would do. A line with a refusal is refused whole; the others are not touched by it."""

    kept: tuple[CheckedLine, ...]
    refusals: tuple[Refusal, ...]
    ignored: tuple[str, ...]

    def count(self, outcome: Outcome) -> int:
        if outcome == "refused":
            return len({refusal.line for refusal in self.refusals})
        return sum(line.outcome == outcome for line in self.kept)

    @property
    def to_import(self) -> tuple[CheckedLine, ...]:
        return tuple(line for line in self.kept if line.outcome in ("added", "changed"))

    @property
    def incomplete(self) -> int:
        """Lines to import after which something is still missing to enter a run."""
        return sum(line.answer.completeness != "complete" for line in self.to_import)


class Named(Protocol):
    """A solution, however it was read."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


class _ValueRefusedError(ValueError):
    """A cell holds something that is not expected; the message says what is."""


def check(session: Session, campaign_id: int, file: NeedsFile) -> Report:
    """What ``file`` would do to the campaign as it is now."""
    solutions = _solutions(session, campaign_id)
    codes = {solution.id: solution.code for solution in solutions}
    known = {
        row.code: (row.name, answers.of_row(row, codes))
        for row in session.scalars(select(CampaignEsms).where(CampaignEsms.campaign_id == campaign_id))
    }
    reader = CellReader(solutions)
    kept: list[CheckedLine] = []
    refusals: list[Refusal] = []
    lines_of: dict[str, int] = {}
    for line in file.lines:
        code, refusal = esms_of(line, known, lines_of)
        if refusal:
            refusals.append(refusal)
            continue
        lines_of[code] = line.number
        name, before = known[code]
        answer, refused = _answer_of(line, before, reader)
        if refused:
            refusals.extend(refused)
        else:
            kept.append(CheckedLine(line.number, code, name, answer, _outcome(before, answer)))
    return Report(tuple(kept), tuple(refusals), file.ignored)


def _outcome(before: Answer, after: Answer) -> Outcome:
    if _settled(before) == _settled(after):
        return "unchanged"
    return "added" if before.completeness == "missing" else "changed"


def _settled(answer: Answer) -> Answer:
    """The order in which things are accepted means nothing."""

    def in_order(accepted: Accepted) -> Accepted:
        return tuple(sorted(accepted)) if isinstance(accepted, tuple) else accepted

    return replace(
        answer,
        accepted_solutions=in_order(answer.accepted_solutions),
        accepted_hosting=in_order(answer.accepted_hosting),
    )


def _solutions(session: Session, campaign_id: int) -> list[CampaignSolution]:
    wanted = select(CampaignSolution).where(CampaignSolution.campaign_id == campaign_id)
    return list(session.scalars(wanted.order_by(CampaignSolution.name)))


def _solution_names(solutions: Iterable[Named]) -> dict[str, tuple[str, str]]:
    """What a person may type -> (code, name)."""
    names = {}
    for solution in solutions:
        names[plain(solution.code)] = names[plain(solution.name)] = (solution.code, solution.name)
    return names


def finess_of(text: str) -> str:
    """A FINESS number as a spreadsheet gives it back: spaces out, zeros in front put back.

    Raises
    ------
    ValueError
        With a French sentence, when the digits are lost.
    """
    compact = "".join(text.replace("'", "").split()).upper()
    if re.fullmatch(r"\d+[.,]\d+E\+?\d+", compact):
        raise _ValueRefusedError(
            "9 caractères sont attendus. Votre tableur a arrondi ce numéro : mettez la colonne au format "
            "« Texte » et saisissez-le de nouveau."
        )
    return compact.zfill(9) if compact.isdecimal() and 7 <= len(compact) < 9 else compact


def esms_of(
    line: Line, known: Mapping[str, object], lines_of: Mapping[str, int], unknown: str = _NOT_IN_CAMPAIGN
) -> tuple[str, Refusal | None]:
    """The code of the ESMS of a line, or why the line is refused. ``known``: by code; ``lines_of``: lines
    already read, by code; ``unknown``: what is said of a number that is not known."""
    typed = line.cells.get(KEY, "")

    def refused(expected: str) -> tuple[str, Refusal]:
        return "", Refusal(line.number, KEY, typed, expected)

    if line.surplus:
        return "", Refusal(
            line.number,
            "(ligne)",
            "",
            "La ligne a plus de cellules que de titres : une valeur contient sans doute le séparateur sans "
            "être entre guillemets.",
        )
    if not typed:
        return refused("Le numéro FINESS géographique de l’ESMS est attendu.")
    try:
        code = typed if typed in known else finess_of(typed)
    except _ValueRefusedError as error:
        return refused(str(error))
    if code not in known:
        if re.fullmatch(r"\d[0-9AB]\d{7}", code):
            return refused(unknown)
        return refused(f"Un FINESS compte 9 caractères : celui-ci en compte {len(code)}.")
    if code in lines_of:
        return refused(f"Cet ESMS est déjà à la ligne {lines_of[code]} : gardez une seule des deux lignes.")
    return code, None


class CellReader:
    """Cells of text -> values of an answer; raises ``_ValueRefusedError`` with what is expected."""

    def __init__(self, solutions: Iterable[Named]) -> None:
        self._names = _solution_names(solutions)
        self._needs = {plain(label): word for word, label in NEEDS.items()} | {word: word for word in NEEDS}

    def values(self, line: Line) -> tuple[dict[str, object], list[Refusal]]:
        """What the cells of a line answer, by field, and what is wrong with some of them; an empty cell
        answers nothing."""
        values: dict[str, object] = {}
        refusals = []
        for field, column in COLUMN_OF.items():
            text = line.cells.get(column, "")
            if not text:
                continue
            try:
                values[field] = self._readers[field](self, text)
            except _ValueRefusedError as error:
                refusals.append(Refusal(line.number, column, text, str(error)))
        return values, refusals

    def need(self, text: str) -> str:
        found = self._needs.get(plain(text))
        if found is None:
            raise _ValueRefusedError(f"L’un de ces mots est attendu : {', '.join(NEEDS.values())}.")
        return found

    def known(self, text: str) -> str | None:
        """The code of the solution that is called so, if there is one."""
        found = self._names.get(plain(text))
        return found and found[0]

    def solution(self, text: str) -> str:
        found = self._names.get(plain(text))
        if found is None:
            raise _ValueRefusedError(
                f"« {text} » n’est pas une solution de la campagne. {self._known_solutions()}"
            )
        return found[0]

    def solutions(self, text: str) -> Accepted:
        return self._several(text, self.solution)

    def hosting(self, text: str) -> Accepted:
        return self._several(text, self._mode)

    def _mode(self, text: str) -> str:
        found = HOSTING_SYNONYMS.get(plain(text))
        if found is None:
            modes = ", ".join(HOSTING.values())
            raise _ValueRefusedError(
                f"« {text} » n’est pas un mode d’hébergement. Attendu : tous, ou {modes}."
            )
        return found

    def _several(self, text: str, one: Callable[[str], str]) -> Accepted:
        if plain(text) in _EVERY:
            return ANY
        if plain(text) in _NONE:
            return ()
        try:
            return (one(text),)  # a name may hold a separator
        except _ValueRefusedError:
            parts = [part.strip() for part in _split(text) if part.strip()]
            return tuple(dict.fromkeys(one(part) for part in parts))

    def yes(self, text: str) -> bool:
        word = plain(text)
        if word not in _YES | _NO:
            raise _ValueRefusedError("oui ou non est attendu.")
        return word in _YES

    def lot(self, text: str) -> str:
        if len(text) > 80:
            raise _ValueRefusedError(f"80 caractères au plus sont attendus : il y en a {len(text)}.")
        return as_typed(text)

    def _known_solutions(self) -> str:
        names = sorted({name for _code, name in self._names.values()})
        if not names:
            return "Aucune solution n’est encore dans la campagne."
        more = f" et {len(names) - 12} autres" if len(names) > 12 else ""
        return f"Attendu : {', '.join(names[:12])}{more}."

    _readers: Mapping[str, Callable[[CellReader, str], object]] = MappingProxyType(
        {
            "need": need,
            "current_solution": solution,
            "accepted_solutions": solutions,
            "accepted_hosting": hosting,
            "lot": lot,
            "can_be_porteur": yes,
        }
    )


def as_typed(text: str) -> str:
    """A cell as it was before the export: it puts an apostrophe before what starts like a formula."""
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def _split(text: str) -> list[str]:
    # Commas between brackets belong to a name: « chez un tiers (GCS, GIP) ».
    protected = re.sub(r"\([^)]*\)", lambda m: m.group().replace(",", "\x00"), text)
    return [part.replace("\x00", ",") for part in _SEPARATORS.split(protected)]


def _answer_of(line: Line, before: Answer, reader: CellReader) -> tuple[Answer, list[Refusal]]:
    """The answer after this line; an empty cell changes nothing."""
    values, refusals = reader.values(line)
    if refusals:
        return before, refusals
    answer = completed(replace(before, **values))  # type: ignore[arg-type]
    return answer, contradicted(line, answer)


def contradicted(line: Line, answer: Answer) -> list[Refusal]:
    """What an answer made of a line says that cannot be, at its column."""
    return [
        Refusal(line.number, COLUMN_OF[field], line.cells.get(COLUMN_OF[field], ""), expected)
        for field, expected in contradictions(answer).items()
    ]


def completed(answer: Answer) -> Answer:
    """A montée de version keeps its DUI: unless told otherwise, that one is accepted."""
    kept = answer.current_solution if answer.need == Need.MONTEE_DE_VERSION else None
    if kept is None or answer.accepted_solutions is not None:
        return answer
    return replace(answer, accepted_solutions=(kept,))


def contradictions(answer: Answer) -> dict[str, str]:
    """What an answer says that cannot be: field -> French sentence."""
    accepted = answer.accepted_solutions
    if (
        answer.need == Need.MONTEE_DE_VERSION
        and answer.current_solution is not None
        and isinstance(accepted, tuple)
        and answer.current_solution not in accepted
    ):
        return {"accepted_solutions": _CURRENT_NOT_ACCEPTED}
    return {}

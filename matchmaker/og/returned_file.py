"""An organisme's own file given back: what each cell changes, what a colleague changed meanwhile, the write.

A cell left as it was downloaded changes nothing, whatever it holds: the last column of the file tells. What
the file and somebody else both changed is a conflict, and stays as it is unless the person chooses the file.
Nothing of a file is kept: the page of the check carries the lines that it shows.

When to modify: a column of an organisme's own file is read otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from matchmaker.campaigns import editing, needs_check, needs_file
from matchmaker.campaigns.forms.numbers import whole_number
from matchmaker.campaigns.needs_check import COLUMN_OF, CellReader, Refusal
from matchmaker.campaigns.needs_file import KEY, Line, NeedsFile
from matchmaker.og import details, saving
from matchmaker.og.details import LONGEST_DUI, LONGEST_REMARK, MOST, NUMBERS
from matchmaker.og.forms import Sent, typed_text
from matchmaker.og.own_file import (
    DETAIL_COLUMNS,
    FIELDS,
    MORE,
    REFERENCE,
    SHOWN,
    mark,
    marks,
    reference,
    value_of,
)
from matchmaker.og.rows import MyEsms, Row

_NOT_OWN = "Ce numéro n’est celui d’aucun de vos ESMS dans la campagne : vérifiez-le."
_OR_APART = " Un DUI hors du catalogue s’écrit dans la colonne dui_hors_catalogue."
_ONE_DUI = "Un seul DUI actuel est attendu : videz dui_actuel, ou cette colonne."
# « Mes ESMS » does not ask it either (``forms.ASKED``).
_TEAMS = "can_be_porteur"
_NOT_YOURS = "Seule l’équipe régionale change cette réponse : remettez-la comme au téléchargement."
_COLUMNS = {**COLUMN_OF, **DETAIL_COLUMNS}
# One question in two columns.
_DUI = ("current_solution", "current_typed")
_LONGEST_CELL = 2_000
_MOST_LINES = needs_file.MAX_LINES


class ChangedSinceError(RuntimeError):
    """Somebody changed an answer between the check and the write: the person must see the new check."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that the file would change. ``conflict``: somebody else changed it to ``before`` since the file
    was downloaded."""

    field: str
    before: object
    after: object
    conflict: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of the file that changes something. ``carried``: what a page sends back of it."""

    number: int
    row: Row
    changes: tuple[Change, ...]
    carried: str

    @property
    def sure(self) -> tuple[Change, ...]:
        return tuple(one for one in self.changes if not one.conflict)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a file would do. ``untouched``: lines that change nothing; ``emptied``: cells that held an answer
    and are empty in the file; ``later``: answers that a colleague gave since and that the file leaves."""

    lines: tuple[Checked, ...]
    untouched: int
    emptied: int
    later: int
    refusals: tuple[Refusal, ...]
    ignored: tuple[str, ...]

    @property
    def writable(self) -> tuple[Checked, ...]:
        """Lines that change something without a choice."""
        return tuple(line for line in self.lines if line.sure)

    @property
    def conflicts(self) -> int:
        return sum(len(line.changes) - len(line.sure) for line in self.lines)

    @property
    def refused_lines(self) -> int:
        return len({refusal.line for refusal in self.refusals})


def read(content: bytes, file_name: str) -> NeedsFile:
    """An organisme's file, CSV or XLSX; raises ``needs_file.UnusableFileError`` as ``needs_file.read``."""
    return needs_file.read(content, file_name, MORE)


def check(mine: MyEsms, file: NeedsFile) -> Returned:
    """Confront the lines of a file with the answers as they are now; nothing is written."""
    own, reader = mine.by_code, CellReader(mine.solutions)
    lines, refusals = [], []
    counts = {"untouched": 0, "emptied": 0, "later": 0}
    lines_of: dict[str, int] = {}
    for line in file.lines:
        code, refusal = needs_check.esms_of(line, own, lines_of, _NOT_OWN)
        if refusal is not None:
            refusals.append(refusal)
            continue
        lines_of[code] = line.number
        row = own[code]
        values, wrong = _values(line, row, reader)
        changes, later = _changes(row, values, marks(line.cells.get(REFERENCE, "")))
        after = _answer(row, [one for one in changes if not one.conflict])
        wrong = wrong or needs_check.contradicted(line, after)
        if any(one.field == _TEAMS for one in changes):
            wrong.append(Refusal(line.number, COLUMN_OF[_TEAMS], line.cells[COLUMN_OF[_TEAMS]], _NOT_YOURS))
        counts["later"] += later
        counts["emptied"] += _emptied(line, row, {one.field for one in changes})
        if wrong:
            refusals += wrong
        elif changes:
            lines.append(Checked(line.number, row, tuple(changes), _of_page(line, row, changes)))
        else:
            counts["untouched"] += 1
    ignored = tuple(title for title in file.ignored if title not in SHOWN)
    return Returned(tuple(lines), **counts, refusals=tuple(refusals), ignored=ignored)


def carried_back(texts: Iterable[str], taken: Collection[str]) -> NeedsFile:
    """The lines that a page of the check carried, as a file again, held against what that page showed.

    Parameters
    ----------
    taken
        ``code:field`` of the conflicts where the person chose the file; the other cells in conflict go.

    Raises
    ------
    ValueError
        A text is none of ours, or they are more than any page carries: none is left out in silence.
    """
    carried = list(texts)
    if len(carried) > _MOST_LINES:
        raise ValueError("more lines than a page carries")
    found = []
    for text in carried:
        held = json.loads(text)
        if not isinstance(held, dict) or set(held) != {"n", "cells", "conflicts"}:
            raise ValueError("not a line")
        number, cells, conflicts = held["n"], held["cells"], held["conflicts"]
        if type(number) is not int or not isinstance(cells, dict) or not isinstance(conflicts, list):
            raise ValueError("not a line")
        if not all(name in (KEY, *MORE, *needs_file.COLUMNS) for name in cells):
            raise ValueError("not our columns")
        if not all(isinstance(cell, str) and len(cell) <= _LONGEST_CELL for cell in cells.values()):
            raise ValueError("not cells")
        left = [one for one in conflicts if f"{cells.get(KEY)}:{one}" not in taken]
        dropped = {
            _COLUMNS[name] for one in left for name in (_DUI if one in _DUI else (one,)) if name in _COLUMNS
        }
        found.append(Line(number, {name: cell for name, cell in cells.items() if name not in dropped}))
    return NeedsFile(columns=(), ignored=(), lines=tuple(sorted(found, key=lambda line: line.number)))


def refusals_of_page(texts: Iterable[str]) -> tuple[Refusal, ...]:
    """What a page of the check said of the lines that it did not carry; raises ``ValueError`` as above."""
    found = []
    for text in list(texts)[:_MOST_LINES]:
        held = json.loads(text)
        if not isinstance(held, list) or [type(one) for one in held] != [int, str, str, str]:
            raise ValueError("not a refusal")
        found.append(Refusal(*held))
    return tuple(found)


def of_page(refusal: Refusal) -> str:
    """What a page carries of a refusal."""
    return json.dumps([refusal.line, refusal.column, refusal.value, refusal.expected], ensure_ascii=False)


def write(session: Session, mine: MyEsms, checked: Iterable[Checked], *, actor: str) -> int:
    """Write all the sure changes, or none; returns the number of ESMS written.

    Raises
    ------
    ChangedSinceError
        Somebody changed one of these answers since ``mine`` was read.
    """
    written = 0
    for line in checked:
        row, sure = line.row, line.sure
        if not sure:
            continue
        said = {one.field: one.after for one in sure if one.field in details.FIELDS}
        sent = Sent(
            editing.Typed(
                answer=_answer(row, sure),
                shown=row.line.answer,
                sent=[one.field for one in sure if one.field in COLUMN_OF],
            ),
            details.Typed(
                detail=replace(row.detail, **said),  # type: ignore[arg-type]
                shown=row.detail,
                unusable={},
                insisted={},
            ),
        )
        if not saving.save(session, mine.space, row.line.code, sent, actor=actor).whole:
            raise ChangedSinceError(row.line.code)
        written += 1
    return written


def _values(line: Line, row: Row, reader: CellReader) -> tuple[dict[str, object], list[Refusal]]:
    """What the cells of a line say, by field, and what is wrong with some of them."""
    values, refusals = reader.values(line)
    refusals = [
        replace(one, expected=one.expected + _OR_APART)
        if one.column == COLUMN_OF["current_solution"]
        else one
        for one in refusals
    ]
    for name in NUMBERS:
        text = line.cells.get(DETAIL_COLUMNS[name], "")
        number = whole_number(text)
        if number is None:
            continue
        if isinstance(number, str) or not 0 <= number <= MOST:
            refusals.append(Refusal(line.number, DETAIL_COLUMNS[name], text, details.number_problem(text)))
        else:
            values[name] = number
    for name, longest in (("current_typed", LONGEST_DUI), ("remark", LONGEST_REMARK)):
        text = typed_text(needs_check.as_typed(line.cells.get(DETAIL_COLUMNS[name], "")))
        if len(text) > longest:
            expected = f"{longest} caractères au plus sont attendus : il y en a {len(text)}."
            refusals.append(Refusal(line.number, DETAIL_COLUMNS[name], text[:60] + "…", expected))
        elif text:
            values[name] = text
    if not _settle_dui(values, row, reader):
        column = DETAIL_COLUMNS["current_typed"]
        refusals.append(Refusal(line.number, column, line.cells[column], _ONE_DUI))
    return values, refusals


def _settle_dui(values: dict[str, object], row: Row, reader: CellReader) -> bool:
    """An ESMS has one DUI: of the catalogue, or in its own words. The column that changed says which; False:
    both did."""
    typed, held = values.get("current_typed"), row.detail.current_typed
    renamed = values.get("current_solution") not in (None, row.line.answer.current_solution)
    if typed is not None and typed != held:
        if renamed:
            return False
        known = reader.known(str(typed))
        if known is None:
            values["current_solution"] = None
        else:
            values["current_solution"], values["current_typed"] = known, ""
    elif renamed:
        values["current_typed"] = ""
    return True


def _changes(row: Row, values: Mapping[str, object], seen: Mapping[str, str]) -> tuple[list[Change], int]:
    """What these values change, and how many of them a colleague changed since while the file did not."""
    found, later = [], 0
    for name in FIELDS:
        now = value_of(row, name)
        if name not in values or editing.same(values[name], now):
            continue
        before = seen.get(name)
        if before is not None and before == mark(row, name, values[name]):
            later += 1
        else:
            found.append(Change(name, now, values[name], conflict=before not in (None, mark(row, name, now))))
    return found, later


def _answer(row: Row, changes: Iterable[Change]) -> Any:
    said = {one.field: one.after for one in changes if one.field in COLUMN_OF}
    return needs_check.completed(replace(row.line.answer, **said))  # type: ignore[arg-type]


def _emptied(line: Line, row: Row, changed: Collection[str]) -> int:
    """Cells of the line that were downloaded with an answer and are empty now."""
    seen = marks(line.cells.get(REFERENCE, ""))
    return sum(
        line.cells.get(column) == "" and name not in changed and seen.get(name) == mark(row, name, value)
        for name, column in _COLUMNS.items()
        if (value := value_of(row, name)) not in (None, "")
    )


def _of_page(line: Line, row: Row, changes: Iterable[Change]) -> str:
    """The cells of a line that change something, with what the answers are now."""
    names = {one.field for one in changes}
    names |= set(_DUI) if names & set(_DUI) else set()
    kept = {_COLUMNS[name]: line.cells.get(_COLUMNS[name], "") for name in names}
    cells = {KEY: row.line.code, **{column: cell for column, cell in kept.items() if cell}}
    return _carried(line, cells | {REFERENCE: reference(row)}, [one.field for one in changes if one.conflict])


def _carried(line: Line, cells: Mapping[str, str], conflicts: Iterable[str]) -> str:
    held = {"n": line.number, "cells": dict(cells), "conflicts": list(conflicts)}
    return json.dumps(held, ensure_ascii=False)

"""What is wrong with a document: every problem with its path, told at once and in bounded number.

When to modify: a document needs another way to be told wrong.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

MOST_TOLD = 1_000  # a flood is cut here
_LONGEST_SHOWN = 60


class Problem(NamedTuple):
    """``path`` is empty for the document itself, else like ``esms[12].lat``; ``message`` is one line."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentProblems(Exception):  # noqa: N818 - it carries many problems, and callers name it so
    """A document is not usable; ``problems`` holds every reason, at most ``MOST_TOLD`` and one more."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems[:3])) + ("; ..." if len(problems) > 3 else ""))
        self.problems = list(problems)


class InstanceProblems(DocumentProblems):
    """The instance is not usable."""


class ProposalProblems(DocumentProblems):
    """The proposal is not usable."""


class HugeNumber:
    """A number written with more characters than any quantity needs; it stands where the number stood."""

    def __init__(self, length: int) -> None:
        self.length = length


class FloodError(Exception):
    """As many problems as are told have been met: reading on would only cost time."""


class ProblemLog:
    """Problems in the order in which they are met; ``FloodError`` after ``MOST_TOLD``."""

    def __init__(self) -> None:
        self._told: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        if len(self._told) == MOST_TOLD:
            self._told.append(Problem("", f"more problems than these {MOST_TOLD}: reading stopped here"))
            raise FloodError
        self._told.append(Problem(path, message))

    def __bool__(self) -> bool:
        return bool(self._told)

    def problems(self) -> list[Problem]:
        return list(self._told)


def shown(value: object) -> str:
    """A value as it stands in a message: short, on one line, printable whatever it holds."""
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return shown_text(value)
        case int():
            digits = value.bit_length() * 0.30103
            return str(value) if digits < _LONGEST_SHOWN else f"a number of about {digits:.0f} digits"
        case float():
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))
        case HugeNumber():
            return f"a number of {value.length} characters"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a value of type {type(value).__name__}"


def shown_text(text: str) -> str:
    """A text in double quotes, cut when long; what cannot be printed is escaped."""
    cut = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return json.dumps(cut, ensure_ascii=not cut.isprintable())


def key_path(path: str, key: object) -> str:
    """The path of a key of the object at ``path``; a key that is no plain word is quoted."""
    text = str(key)
    plain = text.isidentifier() and text.isascii() and len(text) <= _LONGEST_SHOWN
    name = text if plain else shown_text(text)
    return f"{path}.{name}" if path else name

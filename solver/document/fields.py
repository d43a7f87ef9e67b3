"""One object of a document, read key by key; what is wrong goes to the log with its path.

A reading that fails returns a placeholder ("", None) and has been told: the caller goes on, so that all
problems are found at once.

When to modify: a format gains a field of a new kind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from solver.document.json_text import RepeatedKeys
from solver.document.problems import ProblemLog, key_path, shown

LARGEST = 10**9  # a count above this is a mistake, and would not fit the arithmetic of a solver
_MISSING = object()
_HALVES = re.compile("[\ud800-\udfff]")
Word = TypeVar("Word", bound=StrEnum)


def is_text(value: object) -> bool:
    """A string that can be written out again (no half of a surrogate pair)."""
    return isinstance(value, str) and (value.isascii() or _HALVES.search(value) is None)


class Fields:
    """The keys of one object. ``known``: every key that it may have, None: any key."""

    __slots__ = ("_log", "_values", "path")

    def __init__(
        self, log: ProblemLog, values: Mapping[Any, Any], path: str, known: frozenset[str] | None
    ) -> None:
        self._log, self._values, self.path = log, values, path
        if known is not None and not known.issuperset(values):
            for key in values:
                if key not in known:
                    log.add(key_path(path, key), "unknown key")
        if isinstance(values, RepeatedKeys):
            for key in values.repeated:
                log.add(key_path(path, key), "given more than once")

    @classmethod
    def of(cls, log: ProblemLog, value: object, path: str, known: frozenset[str] | None) -> Fields | None:
        """The fields of ``value``; None (and told) when it is no object."""
        if isinstance(value, Mapping):
            return cls(log, value, path, known)
        log.add(path, f"{shown(value)} is not an object")
        return None

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def refuse(self, key: str, message: str) -> None:
        self._log.add(key_path(self.path, key), message)

    def refuse_item(self, key: str, place: int, message: str) -> None:
        self._log.add(f"{key_path(self.path, key)}[{place}]", message)

    def raw(self, key: str) -> object:
        """The value of a required key, ``None`` and told when it is missing (or null, untold)."""
        value = self._values.get(key, _MISSING)
        if value is _MISSING:
            self.refuse(key, "missing")
            return None
        return value

    def _get(self, key: str, check: Callable[[object], bool], noun: str) -> Any:
        """A required value that passes ``check``; None when it is missing or refused, and told."""
        value = self._values.get(key, _MISSING)
        if value is _MISSING:
            self.refuse(key, "missing")
            return None
        if not check(value):
            self.refuse(key, f"{shown(value)} is not {noun}")
            return None
        return value

    def is_null(self, key: str) -> bool:
        """Left out or null."""
        return self._values.get(key) is None

    def text(self, key: str, noun: str = "a text") -> str:
        """A text, empty or not; "" when refused."""
        return self._get(key, is_text, noun) or ""

    def word(self, key: str, noun: str) -> str:
        """A text that says something (an id, a code); "" when refused."""
        return self._get(key, lambda v: is_text(v) and v.strip() != "", noun) or ""  # type: ignore[attr-defined]

    def optional_text(self, key: str) -> str | None:
        return None if self.is_null(key) else self.text(key, "a text or null")

    def optional_word(self, key: str, noun: str) -> str | None:
        """None when left out, null or refused."""
        return None if self.is_null(key) else self.word(key, f"{noun} or null") or None

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false; required when there is no default; false when refused."""
        if default is not None and key not in self._values:
            return default
        return bool(self._get(key, lambda v: isinstance(v, bool), "true or false"))

    def number(self, key: str, noun: str, least: float, most: float) -> float | None:
        """A finite number between two limits, included."""
        value = self._get(key, lambda v: _is_number(v) and least <= v <= most, noun)  # type: ignore[operator]
        return None if value is None else float(value)

    def whole(self, key: str, least: int, most: int = LARGEST) -> int | None:
        """A whole number (12 or 12.0) between two limits, included."""
        noun = f"a whole number, {least} or more"
        value = self._get(key, _is_whole, noun)
        if value is None:
            return None
        if not least <= value <= most:
            self.refuse(
                key, f"{shown(value)} is not {noun}" if value < least else f"{shown(value)} is above {most}"
            )
            return None
        return int(value)

    def choice(self, key: str, words: type[Word], default: Word | None = None) -> Word | None:
        """A word of a closed list; ``default`` when left out; None when refused."""
        if default is not None and key not in self._values:
            return default
        members = by_value(words)
        value = self._get(key, lambda v: isinstance(v, str) and v in members, _one_of(words))
        return None if value is None else members[value]

    def items(self, key: str, noun: str = "a list") -> list[Any]:
        """A list; empty when refused."""
        return self._get(key, lambda v: isinstance(v, list | tuple), noun) or []

    def words(self, key: str, words: type[Word], noun: str = "a list") -> frozenset[Word]:
        """A list of words of a closed list."""
        found = []
        members = by_value(words)
        for place, value in enumerate(self.items(key, noun)):
            if isinstance(value, str) and value in members:
                found.append(members[value])
            else:
                self.refuse_item(key, place, f"{shown(value)} is not {_one_of(words)}")
        return frozenset(found)

    def ids(
        self, key: str, known: Mapping[str, Any] | None, noun: str, list_noun: str = "a list"
    ) -> list[tuple[int, str]]:
        """A list of distinct ids, with their places; ``known`` None: any id is taken."""
        found: dict[str, int] = {}
        for place, value in enumerate(self.items(key, list_noun)):
            if not is_text(value) or not value.strip():
                self.refuse_item(key, place, f"{shown(value)} is not {noun}")
            elif value in found:
                self.refuse_item(key, place, f"{shown(value)} is given more than once")
            elif known is not None and value not in known:
                self.refuse_item(key, place, f"{shown(value)} is unknown")
            else:
                found[value] = place
        return [(place, value) for value, place in found.items()]


@cache
def by_value(words: type[Word]) -> Mapping[str, Word]:
    return {word.value: word for word in words}


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


@cache
def _one_of(words: type[StrEnum]) -> str:
    return "one of " + ", ".join(word.value for word in words)

"""A TOML table read strictly: every key known, every type right, every problem kept with its path.

When to modify: a rules file needs a kind of value not read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

Word = TypeVar("Word", bound=StrEnum)


class Problems(list[str]):
    """The problems of all files, each as ``file: key : message``."""


class Table:
    """One table of one file; ``take_*`` mark a key as known, ``close`` refuses the others.

    A refused value is replaced by a harmless one, so that one reading reports every problem.
    """

    def __init__(self, data: Mapping[str, Any], file: str, path: str, problems: Problems) -> None:
        self._data = data
        self._file = file
        self._path = path
        self._problems = problems
        self._known: set[str] = set()

    def problem(self, key: str, message: str) -> None:
        where = f"{self._path}.{key}" if self._path and key else self._path or key
        self._problems.append(f"{self._file}: {where} : {message}")

    def close(self) -> None:
        for key in sorted(self._data.keys() - self._known):
            self.problem(key, "clé inconnue")

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str) -> str:
        value = self._take(key, str, "un texte", "")
        if isinstance(value, str) and self.has(key) and not value.strip():
            self.problem(key, "texte vide")
        return str(value)

    def positive(self, key: str) -> int:
        """A whole number above 0; 0 stands for a refused one."""
        value = self._take(key, int, "un nombre entier", None)
        if value is not None and value <= 0:
            self.problem(key, "un nombre positif est attendu")
        return max(value or 0, 0)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._take(key, bool, "true ou false", default, required=False))

    def day(self, key: str, *, required: bool = True) -> date | None:
        value = self._take(key, date, "une date (2022-03-15)", None, required=required)
        return value if isinstance(value, date) else None

    def word(self, key: str, words: type[Word]) -> Word | None:
        """One word of a closed list, None (and a problem) when it is not one."""
        text = self.text(key)
        if not text:
            return None
        return self._word(key, text, words)

    def words(self, key: str, words: type[Word]) -> frozenset[Word]:
        """Several words of a closed list."""
        found = [self._word(key, text, words) for text in self.texts(key, required=True)]
        return frozenset(word for word in found if word is not None)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        values = self._take(key, list, "une liste de textes", [], required=required)
        wrong = [v for v in values if not isinstance(v, str) or not v.strip()]
        if wrong or (self.has(key) and not values):
            self.problem(key, "une liste non vide de textes est attendue")
        return tuple(v for v in values if isinstance(v, str))

    def flags(self, key: str) -> frozenset[bool]:
        values = self._take(key, list, "une liste de true ou false", [True, False], required=False)
        if not values or any(not isinstance(v, bool) for v in values):
            self.problem(key, "une liste non vide de true ou false est attendue")
        return frozenset(v for v in values if isinstance(v, bool))

    def share(self, key: str) -> tuple[int, int] | None:
        """``"1/3"`` -> (1, 3); None when the key is absent or refused."""
        if not self.has(key):
            return None
        part, slash, whole = self.text(key).partition("/")
        if slash and part.isdecimal() and whole.isdecimal() and 0 < int(part) <= int(whole):
            return int(part), int(whole)
        self.problem(key, "une part (1/3) est attendue")
        return None

    def mapping(self, key: str) -> Mapping[str, str]:
        values = self._take(key, dict, "une table", {}, required=False)
        if any(not isinstance(v, str) for v in values.values()):
            self.problem(key, "des textes sont attendus")
        return {k: v for k, v in values.items() if isinstance(v, str)}

    def tables(self, key: str, *, required: bool = True) -> list[Table]:
        """The tables of an array of tables; a missing or empty one is a problem when required."""
        values = self._take(key, list, "des tables", [], required=False)
        if required and not values:
            self.problem(key, "au moins une table est attendue")
        rows = []
        for number, value in enumerate(values):
            path = f"{self._path}.{key}[{number}]" if self._path else f"{key}[{number}]"
            if isinstance(value, dict):
                rows.append(Table(value, self._file, path, self._problems))
            else:
                self.problem(key, "des tables sont attendues")
        return rows

    def _word(self, key: str, text: str, words: type[Word]) -> Word | None:
        for word in words:
            if word.value == text:
                return word
        allowed = ", ".join(word.value for word in words)
        self.problem(key, f"« {text} » n’est pas un de : {allowed}")
        return None

    def _take(self, key: str, kind: type, expected: str, default: Any, *, required: bool = True) -> Any:
        self._known.add(key)
        if key not in self._data:
            if required:
                self.problem(key, "clé manquante")
            return default
        value = self._data[key]
        # bool is an int and datetime a date: neither is meant here
        disguised = (kind is int and isinstance(value, bool)) or isinstance(value, datetime)
        if not isinstance(value, kind) or disguised:
            self.problem(key, f"{expected} est attendu, trouvé {value!r}")
            return default
        return value

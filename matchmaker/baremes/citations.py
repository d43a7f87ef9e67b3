"""Exact words with where they stand, and what a rules file may refer to.

When to modify: a rules file must name something else that another file defines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matchmaker.baremes.strict_toml import Table


@dataclass(frozen=True, slots=True)
class Document:
    """An official document; ``file`` names the transcription that quotes are checked against."""

    id: str
    title: str
    short: str
    file: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Exact words of a document; ``rules`` are ids of the register (R53)."""

    rules: tuple[str, ...]
    document: Document
    heading: str
    quote: str


def holds(when: Mapping[str, str], readings: Mapping[str, str]) -> bool:
    """Whether these readings take every option that a statement needs."""
    return all(readings[reading] == option for reading, option in when.items())


def exclusive(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether no set of readings can make both hold."""
    return any(other.get(reading, option) != option for reading, option in one.items())


@dataclass
class Known:
    """What rules files may name: documents, rules of the register, readings with their options, calls.

    A name that is not here is a problem at its key, in its file.
    """

    documents: Mapping[str, Document]
    rules: set[str] = field(default_factory=set)
    readings: dict[str, set[str]] = field(default_factory=dict)
    calls: tuple[str, ...] = ()

    def words(self, table: Table, rules: tuple[str, ...]) -> Citation | None:
        """The three keys of a citation that stands for these rules."""
        name, heading, quote = table.text("document"), table.text("heading"), table.text("quote")
        if name and name not in self.documents:
            table.problem("document", f"« {name} » n’est pas dans documents.toml")
        document = self.documents.get(name)
        return None if document is None else Citation(rules, document, heading, quote)

    def citation(self, table: Table) -> Citation | None:
        """A whole ``[[citation]]``, its rules included."""
        citation = self.words(table, self.rules_of(table))
        table.close()
        return citation

    def citations(self, table: Table, rule: str, *, required: bool = True) -> tuple[Citation, ...]:
        """The ``[[citation]]`` of a statement that rests on one rule."""
        found = []
        for row in table.tables("citation", required=required):
            found.append(self.words(row, (rule,)))
            row.close()
        return tuple(c for c in found if c is not None)

    def rule(self, table: Table, key: str = "rule") -> str:
        rule = table.text(key)
        self._refuse_unknown_rule(table, key, rule)
        return rule

    def rules_of(self, table: Table) -> tuple[str, ...]:
        rules = table.texts("rules", required=True)
        for rule in rules:
            self._refuse_unknown_rule(table, "rules", rule)
        return rules

    def when(self, table: Table) -> Mapping[str, str]:
        """``when``: reading -> the option under which the statement holds."""
        when = table.mapping("when")
        for reading, option in when.items():
            if option not in self.readings.get(reading, ()):
                table.problem(
                    "when", f"{reading} = « {option} » n’est pas une lecture de contradictions.toml"
                )
        return when

    def call(self, table: Table, key: str = "regime") -> str | None:
        name = table.text(key)
        return self._call(table, key, name) if name else None

    def calls_of(self, table: Table, key: str = "regimes") -> frozenset[str]:
        names = table.texts(key, required=True)
        found = (self._call(table, key, name) for name in names)
        return frozenset(name for name in found if name is not None)

    def _call(self, table: Table, key: str, name: str) -> str | None:
        if name in self.calls:
            return name
        table.problem(key, f"« {name} » n’est pas un de : {', '.join(self.calls)}")
        return None

    def _refuse_unknown_rule(self, table: Table, key: str, rule: str) -> None:
        if rule and rule not in self.rules:
            table.problem(key, f"« {rule} » n’est pas dans registre.toml")

"""Files of ``data/baremes`` -> ``Rules``, or every problem with its file and key.

When to modify: a rules file gains a key.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from matchmaker import shipped
from matchmaker.baremes.quotes import says_count, says_euros, says_share
from matchmaker.baremes.rules import (
    Application,
    Bound,
    Citation,
    Comparison,
    Contradiction,
    Document,
    Envelope,
    Kind,
    Measure,
    Option,
    Per,
    Rank,
    RegimeText,
    RegisterRule,
    Rules,
    Version,
)
from matchmaker.baremes.strict_toml import Problems, Table
from solver.vocabulary import Champ, LineCode, Need, Regime

_UNITS = {Kind.FORFAIT: "EUR", Kind.BOUND: "ESMS", Kind.SHARE: "PERCENT"}
_SAYS = {Kind.FORFAIT: says_euros, Kind.BOUND: says_count, Kind.SHARE: says_share}


class RulesError(ValueError):
    """The rules files cannot be used; ``problems`` has one ``file: key : message`` each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_rules(directory: Path = shipped.DATA / "baremes") -> Rules:
    """Read and check a folder of rules.

    Raises
    ------
    RulesError
        A file is missing or is not TOML, a key is unknown, missing or of the wrong type, a version has no
        citation, a quote does not carry its value, versions overlap or leave a gap.
    """
    problems = Problems()
    files = _Files(directory, problems)
    edition_table = files.table("edition.toml")
    edition = edition_table.text("edition")
    edition_table.close()
    documents = {d.id: d for d in (_document(t) for t in files.rows("documents.toml", "document"))}
    register = tuple(_register_rule(t, documents) for t in files.rows("registre.toml", "rule"))
    known = {r.id for r in register}
    contradictions = tuple(
        _contradiction(t, documents, known) for t in files.rows("contradictions.toml", "contradiction")
    )
    readings = {c.id: {o.id for o in c.options} for c in contradictions if c.parameter}
    regimes = [_regime(t) for t in files.rows("regimes.toml", "regime")]
    envelopes = [_envelope(t, documents) for t in files.rows("enveloppes.toml", "enveloppe")]
    reader = _MeasureReader(documents, readings, known)
    measures = tuple(
        measure
        for path in sorted((directory / "mesures").glob("*.toml"))
        if (measure := reader.measure(files.table(f"mesures/{path.name}"), path.stem)) is not None
    )
    if not measures:
        problems.append("mesures: aucun fichier")
    if problems:
        raise RulesError(problems)
    return Rules(
        version=f"{edition} ({files.digest()})",
        documents=tuple(documents.values()),
        regimes=tuple(r for r in regimes if r is not None),
        register=register,
        measures=measures,
        contradictions=contradictions,
        envelopes=tuple(e for e in envelopes if e is not None),
    )


class _Files:
    """The files of a folder, each read once; their digest tells two states of one edition apart."""

    def __init__(self, directory: Path, problems: Problems) -> None:
        self._directory = directory
        self._problems = problems
        self._hash = hashlib.sha256()

    def table(self, name: str) -> Table:
        return Table(self._data(name), name, "", self._problems)

    def rows(self, name: str, key: str) -> list[Table]:
        table = self.table(name)
        rows = table.tables(key)
        table.close()
        return rows

    def digest(self) -> str:
        return self._hash.hexdigest()[:8]

    def _data(self, name: str) -> Mapping[str, Any]:
        try:
            text = (self._directory / name).read_text(encoding="utf-8")
            self._hash.update(f"{name}\n{text}".encode())
            return tomllib.loads(text)
        except OSError as error:
            self._problems.append(f"{name}: fichier illisible ({error.strerror})")
        except UnicodeDecodeError:
            self._problems.append(f"{name}: le fichier n’est pas en UTF-8")
        except tomllib.TOMLDecodeError as error:
            self._problems.append(f"{name}: TOML incorrect ({error})")
        return {}


def _document(table: Table) -> Document:
    document = Document(table.text("id"), table.text("title"), table.text("short"), table.text("file"))
    table.close()
    return document


def _regime(table: Table) -> RegimeText | None:
    regime = table.word("id", Regime)
    label, description = table.text("label"), table.text("description")
    table.close()
    return None if regime is None else RegimeText(regime, label, description)


def _register_rule(table: Table, documents: Mapping[str, Document]) -> RegisterRule:
    rule_id, label = table.text("id"), table.text("label")
    explanation = table.text("explanation") if table.has("explanation") else None
    citations = []
    for row in table.tables("citation", required=explanation is not None):
        citations.append(_words(row, (rule_id,), documents))
        row.close()
    table.close()
    return RegisterRule(rule_id, label, explanation, tuple(c for c in citations if c is not None))


def _rules(table: Table, known: Container[str]) -> tuple[str, ...]:
    rules = table.texts("rules", required=True)
    for rule in rules:
        _refuse_unknown_rule(table, "rules", rule, known)
    return rules


def _refuse_unknown_rule(table: Table, key: str, rule: str, known: Container[str]) -> None:
    if rule and rule not in known:
        table.problem(key, f"« {rule} » n’est pas dans registre.toml")


def _envelope(table: Table, documents: Mapping[str, Document]) -> Envelope | None:
    regime, region, value = table.word("regime", Regime), table.text("region"), table.positive("value")
    citations = []
    for row in table.tables("citation"):
        citation = _words(row, (), documents)
        if citation is not None and value and not says_euros(citation.quote, value):
            row.problem("quote", f"la citation ne contient pas {value}")
        row.close()
        citations.append(citation)
    table.close()
    if regime is None:
        return None
    return Envelope(regime, region, value, tuple(c for c in citations if c is not None))


def _contradiction(table: Table, documents: Mapping[str, Document], known: Container[str]) -> Contradiction:
    rules = _rules(table, known)
    options = tuple(_option(t, rules, documents) for t in table.tables("option"))
    contradiction = Contradiction(
        id=table.text("id"),
        rules=rules,
        regimes=table.words("regimes", Regime) if table.has("regimes") else frozenset(Regime),
        parameter=table.flag("parameter", False),
        default=table.text("default"),
        question=table.text("question"),
        taken=table.text("taken"),
        effect=table.text("effect"),
        options=options,
    )
    if contradiction.default not in {o.id for o in options}:
        table.problem("default", f"« {contradiction.default} » n’est l’id d’aucune option")
    table.close()
    return contradiction


def _option(table: Table, rules: tuple[str, ...], documents: Mapping[str, Document]) -> Option:
    option_id, label = table.text("id"), table.text("label")
    citation = None
    if not table.flag("silent", False):
        citation = _words(table, rules, documents)
    table.close()
    return Option(option_id, label, citation)


def _words(table: Table, rules: tuple[str, ...], documents: Mapping[str, Document]) -> Citation | None:
    name, heading, quote = table.text("document"), table.text("heading"), table.text("quote")
    if name and name not in documents:
        table.problem("document", f"« {name} » n’est pas dans documents.toml")
    document = documents.get(name)
    return None if document is None else Citation(rules, document, heading, quote)


class _MeasureReader:
    """Reads the files of ``mesures/``, knowing the documents and the readings they may name."""

    def __init__(
        self, documents: Mapping[str, Document], readings: Mapping[str, set[str]], rules: Container[str]
    ) -> None:
        self._documents = documents
        self._readings = readings
        self._rules = rules

    def measure(self, table: Table, stem: str) -> Measure | None:
        measure_id, label, rule = table.text("id"), table.text("label"), table.text("rule")
        _refuse_unknown_rule(table, "rule", rule, self._rules)
        if measure_id and measure_id != stem:
            table.problem("id", f"« {measure_id} » n’est pas le nom du fichier")
        kind = table.word("kind", Kind)
        unit, per = table.text("unit"), table.word("per", Per)
        code = table.word("code", LineCode) if kind is Kind.FORFAIT else None
        bound = table.word("bound", Bound) if kind is Kind.BOUND else None
        regions = table.texts("regions") if bound is Bound.MINIMUM_SIZE else ()
        if kind is not None and unit and unit != _UNITS[kind]:
            table.problem("unit", f"« {_UNITS[kind]} » est attendu, trouvé « {unit} »")
        versions = [self._version(t, kind, code) for t in table.tables("version")]
        table.close()
        if kind is None or per is None or any(v is None for v in versions):
            return None
        whole = tuple(v for v in versions if v is not None)
        _refuse_overlaps_and_gaps(table, whole)
        return Measure(measure_id, label, rule, kind, unit, per, code, bound, regions, whole)

    def _version(self, table: Table, kind: Kind | None, code: LineCode | None) -> Version | None:
        regime = table.word("regime", Regime)
        first, last = table.day("in_force_from"), table.day("in_force_until", required=False)
        checked = table.day("checked_on", required=not table.has("in_force_until"))
        value = table.positive("value")
        if first is not None and last is not None and last < first:
            table.problem("in_force_until", "la fin précède le début")
        version_citations = [(t, self._citation(t)) for t in table.tables("citation")]
        for citation_table, citation in version_citations:
            if kind is None or citation is None or not citation.quote or not value:
                continue
            if not _SAYS[kind](citation.quote, value):
                citation_table.problem("quote", f"la citation ne contient pas {value}")
        has_applies = kind is Kind.FORFAIT and code not in (LineCode.EQUIPEMENT, LineCode.AMOA_PROJET)
        applies = [self._application(t) for t in table.tables("applies")] if has_applies else []
        comparison = table.word("comparison", Comparison) if kind is Kind.BOUND else None
        version_when = self._when(table)
        counted, caveats = table.flag("counted", True), table.texts("caveats")
        table.close()
        if regime is None or first is None:
            return None
        return Version(
            regime=regime,
            in_force_from=first,
            in_force_until=last,
            checked_on=checked,
            when=version_when,
            value=value,
            comparison=comparison,
            counted=counted,
            applies=tuple(applies),
            caveats=caveats,
            citations=tuple(c for _, c in version_citations if c is not None),
        )

    def _citation(self, table: Table) -> Citation | None:
        citation = _words(table, _rules(table, self._rules), self._documents)
        table.close()
        return citation

    def _application(self, table: Table) -> Application:
        rank = table.word("rank", Rank) if table.has("rank") else Rank.ALL
        application = Application(
            needs=table.words("needs", Need),
            champs=table.words("champs", Champ) if table.has("champs") else frozenset(Champ),
            referenced=table.flags("referenced"),
            rank=rank or Rank.ALL,
            when=self._when(table),
        )
        if Need.AUCUN in application.needs:
            table.problem("needs", "« aucun » n’est pas un besoin à financer")
        table.close()
        return application

    def _when(self, table: Table) -> Mapping[str, str]:
        when = table.mapping("when")
        for reading, option in when.items():
            if option not in self._readings.get(reading, ()):
                table.problem(
                    "when", f"{reading} = « {option} » n’est pas une lecture de contradictions.toml"
                )
        return when


def _refuse_overlaps_and_gaps(table: Table, versions: Sequence[Version]) -> None:
    """Two versions that could both count on one day, or a day that none covers between two of them."""
    for (i, one), (j, other) in combinations(enumerate(versions), 2):
        if one.regime is not other.regime or _exclusive(one.when, other.when):
            continue
        if one.in_force_from <= other.last_day and other.in_force_from <= one.last_day:
            table.problem(f"version[{i}] et version[{j}]", "périodes qui se chevauchent")
    for i, one in enumerate(versions):
        later = [v for v in versions if v.regime is one.regime and v.when == one.when]
        later = [v for v in later if v.in_force_from > one.last_day]
        if later and min(v.in_force_from for v in later) > one.last_day + timedelta(days=1):
            table.problem(f"version[{i}]", "période suivie d’un trou avant la version suivante")


def _exclusive(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(other.get(reading, option) != option for reading, option in one.items())

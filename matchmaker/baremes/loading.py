"""Files of ``data/baremes`` -> ``Rules``, or every problem with its file and key.

When to modify: a rules file is added, or one of the register, the calls, the contradictions gains a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matchmaker import shipped
from matchmaker.baremes.citations import Document, Known
from matchmaker.baremes.conventions import Convention, read_convention, refuse_overlaps
from matchmaker.baremes.exclusions import read_exclusion
from matchmaker.baremes.layers import Layers
from matchmaker.baremes.measures import MeasureReader
from matchmaker.baremes.quotes import says_day, says_euros
from matchmaker.baremes.rules import (
    Call,
    Contradiction,
    Envelope,
    Level,
    Nature,
    Option,
    RegisterRule,
    Rules,
    Stake,
)
from matchmaker.baremes.sons_scale import read_sons
from matchmaker.baremes.strict_toml import Problems, Table
from matchmaker.baremes.targets import read_target
from matchmaker.baremes.territories import Link, Platform, read_link, read_platform
from matchmaker.baremes.windows import read_window, share_problems


class RulesError(ValueError):
    """The rules files cannot be used; ``problems`` has one ``file: key : message`` each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_rules(directory: Path = shipped.DATA / "baremes", *additions: Path) -> Rules:
    """Read and check a folder of rules, and the folders that add to it (a new call, say).

    An addition has the same files; it may lack any. A measure of the base gains versions by a file of the
    same name that holds its ``id`` and its new ``[[version]]``.

    Raises
    ------
    RulesError
        A file is missing or is not TOML, a key is unknown, missing or of the wrong type, a version has no
        citation, a quote does not carry its value, versions overlap or leave a gap.
    """
    problems = Problems()
    files = Layers(directory, additions, problems)
    editions = []
    for table in files.tables("edition.toml"):
        editions.append(table.text("edition"))
        table.close()
    documents = {d.id: d for d in (_document(t) for t in files.rows("documents.toml", "document"))}
    known = Known(documents)
    register = _register(files.rows("registre.toml", "rule"), known)
    calls = _calls(files.rows("regimes.toml", "regime"), known)
    contradictions = tuple(
        _contradiction(t, known) for t in files.rows("contradictions.toml", "contradiction")
    )
    known.readings = {c.id: {o.id for o in c.options} for c in contradictions if c.parameter or c.variant}
    envelopes = [_envelope(t, known) for t in files.rows("enveloppes.toml", "enveloppe")]
    reader = MeasureReader(known)
    for stem, table in files.folder("mesures"):
        reader.read(table, stem)
    if not reader.measures():
        problems.append("mesures: aucun fichier")
    windows = [read_window(t, known) for t in files.rows("fenetres.toml", "fenetre")]
    problems += share_problems([w for w in windows if w is not None])
    targets = [read_target(t, known) for t in files.rows("cibles.toml", "cible")]
    exclusions = tuple(read_exclusion(t, known) for t in files.rows("exclusions.toml", "exclusion"))
    conventions = _conventions(files, known)
    platforms, links = _places(files, known)
    sons = read_sons(files.table("sons.toml"), known)
    problems += files.unread()
    if problems:
        raise RulesError(problems)
    return Rules(
        version=f"{' + '.join(editions)} ({files.digest()})",
        documents=tuple(documents.values()),
        calls=calls,
        register=register,
        measures=reader.measures(),
        contradictions=contradictions,
        envelopes=tuple(e for e in envelopes if e is not None),
        conventions=conventions,
        exclusions=exclusions,
        windows=tuple(w for w in windows if w is not None),
        targets=tuple(t for t in targets if t is not None),
        platforms=tuple(platforms),
        links=tuple(links),
        sons=sons,
    )


def _document(table: Table) -> Document:
    document = Document(table.text("id"), table.text("title"), table.text("short"), table.text("file"))
    table.close()
    return document


def _register(rows: Sequence[Table], known: Known) -> tuple[RegisterRule, ...]:
    register = []
    for table in rows:
        rule = _register_rule(table, known)
        if rule.id in known.rules:
            table.problem("id", f"« {rule.id} » est déjà dans registre.toml")
        known.rules.add(rule.id)
        register.append(rule)
    return tuple(register)


def _register_rule(table: Table, known: Known) -> RegisterRule:
    rule_id, label = table.text("id"), table.text("label")
    explanation = table.text("explanation") if table.has("explanation") else None
    uncited = table.text("uncited") if table.has("uncited") else None
    citations = known.citations(table, rule_id, required=explanation is not None and uncited is None)
    nature = table.words("nature", Nature)
    table.close()
    return RegisterRule(rule_id, label, nature, uncited, explanation, citations)


def _calls(rows: Sequence[Table], known: Known) -> tuple[Call, ...]:
    ids = tuple(t.text("id") for t in rows)
    known.calls = ids
    calls = []
    for table in rows:
        level = table.word("level", Level)
        sister = known.call(table, "sister") if table.has("sister") else None
        first, last = table.day("in_force_from"), table.day("in_force_until", required=False)
        checked = table.day("checked_on", required=last is None)
        citations = tuple(c for c in (known.citation(t) for t in table.tables("citation")) if c is not None)
        for key, day in (("in_force_from", first), ("in_force_until", last)):
            if day is not None and not any(says_day(c.quote, day) for c in citations):
                table.problem(key, f"aucune citation ne donne le {day:%d/%m/%Y}")
        label, description = table.text("label"), table.text("description")
        call_id = table.text("id")
        table.close()
        if level is not None and first is not None:
            calls.append(Call(call_id, label, description, level, sister, first, last, checked, citations))
    return tuple(calls)


def _conventions(files: Layers, known: Known) -> tuple[Convention, ...]:
    """One by file; a later folder adds the words of its calls to a convention by a file of the same name."""
    found: dict[str, Convention] = {}
    for stem, table in files.folder("conventions"):
        convention = read_convention(table, stem, known)
        if convention is None:
            continue
        earlier = found.get(stem)
        if earlier is None:
            found[stem] = convention
            continue
        versions = earlier.versions + convention.versions
        refuse_overlaps(table, versions)
        found[stem] = Convention(earlier.topic, earlier.label, earlier.rule, versions)
    return tuple(found.values())


def _places(files: Layers, known: Known) -> tuple[list[Platform], list[Link]]:
    platforms: list[Platform] = []
    links: list[Link] = []
    for table in files.tables("territoires.toml"):
        platforms += [read_platform(t, known) for t in table.tables("plateforme", required=False)]
        links += [read_link(t, known) for t in table.tables("lien", required=False)]
        table.close()
    return platforms, links


def _envelope(table: Table, known: Known) -> Envelope | None:
    regime, region, value = known.call(table), table.text("region"), table.positive("value")
    citations = []
    for row in table.tables("citation"):
        citation = known.words(row, ())
        if citation is not None and value and not says_euros(citation.quote, value):
            row.problem("quote", f"la citation ne contient pas {value}")
        row.close()
        citations.append(citation)
    table.close()
    if regime is None:
        return None
    return Envelope(regime, region, value, tuple(c for c in citations if c is not None))


def _contradiction(table: Table, known: Known) -> Contradiction:
    rules = known.rules_of(table)
    options = tuple(_option(t, rules, known) for t in table.tables("option"))
    variant = table.flag("variant", False)
    contradiction = Contradiction(
        id=table.text("id"),
        rules=rules,
        regimes=known.calls_of(table) if table.has("regimes") else frozenset(known.calls),
        parameter=table.flag("parameter", False),
        variant=variant,
        bears_on=table.word("bears_on", Stake) if variant else None,
        settled_in=frozenset(table.texts("settled_in")),
        default=table.text("default"),
        question=table.text("question"),
        taken=table.text("taken"),
        effect=table.text("effect"),
        options=options,
    )
    if contradiction.default not in {o.id for o in options}:
        table.problem("default", f"« {contradiction.default} » n’est l’id d’aucune option")
    if variant and len(options) < 2:
        table.problem("option", "une variante a au moins deux options")
    table.close()
    return contradiction


def _option(table: Table, rules: tuple[str, ...], known: Known) -> Option:
    option_id, label = table.text("id"), table.text("label")
    citation = None
    if not table.flag("silent", False):
        citation = known.words(table, rules)
    table.close()
    return Option(option_id, label, citation)

"""The table rule -> data files -> tests (docs/rules-coverage.md), made from the data and the tests' marks.

``python -m tests.matchmaker.financement.coverage`` writes it again.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from matchmaker.baremes import Rules, shipped_rules
from matchmaker.baremes.rules import Nature

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "docs" / "rules-coverage.md"
_TESTS = ("tests/matchmaker/financement", "tests/matchmaker/baremes")
_HEAD = """# Rules: where each is written, what holds it

Made by `python -m tests.matchmaker.financement.coverage` from `data/baremes` and from the marks
`@pytest.mark.rule(...)` of the tests; a test compares it with what it would be now. Classes: H hard, S soft,
F funding, D document or process, I information. A rule of class F or H has a data file and a test;
« registre » alone means that the rule only explains itself.

| rule | class | says | data | tests |
|---|---|---|---|---|
"""


def data_files(rules: Rules) -> dict[str, set[str]]:
    """Files of data/baremes that rest on each rule: by name, by citation, by disputed reading."""
    found: dict[str, set[str]] = defaultdict(set)
    for measure in rules.measures:
        cited = {r for v in measure.versions for c in v.citations for r in c.rules}
        for rule in {measure.rule, *cited}:
            found[rule].add(f"mesures/{measure.id}")
    for convention in rules.conventions:
        found[convention.rule].add(f"conventions/{convention.topic.value}")
    for exclusion in rules.exclusions:
        found[exclusion.rule].add("exclusions")
    for window in rules.windows:
        found[window.rule].add("fenetres")
    for target in rules.targets:
        found[target.rule].add("cibles")
    for place in (*rules.platforms, *rules.links):
        found[place.rule].add("territoires")
    for call in rules.calls:
        for citation in call.citations:
            for rule in citation.rules:
                found[rule].add("regimes")
    for contradiction in rules.contradictions:
        for rule in contradiction.rules:
            found[rule].add("contradictions")
    if rules.sons is not None:
        found[rules.sons.rule].add("sons")
        found[rules.sons.order_rule].add("sons")
    for rule in rules.register:
        if rule.explanation is not None:
            found[rule.id].add("registre")
    return found


def marked_tests() -> dict[str, set[str]]:
    """Tests that say which rules they hold, by rule: ``file::test``."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in _TESTS:
        for path in sorted((ROOT / folder).glob("test_*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef):
                    for rule in _marks(node):
                        found[rule].add(f"{path.stem}::{node.name}")
    return found


def _marks(node: ast.FunctionDef) -> Iterator[str]:
    """Rule ids of ``pytest.mark.rule("R05")`` anywhere in the decorators (parameters included)."""
    for decorator in node.decorator_list:
        for call in ast.walk(decorator):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.rule":
                yield from (str(a.value) for a in call.args if isinstance(a, ast.Constant))


def rows(rules: Rules) -> Iterator[tuple[str, str, str, list[str], list[str]]]:
    """(rule, classes, label, data files, tests), in the order of ids."""
    files, tests = data_files(rules), marked_tests()
    for rule in sorted(rules.register, key=lambda r: r.id):
        classes = "".join(n.value for n in Nature if n in rule.nature)
        yield rule.id, classes, rule.label, sorted(files[rule.id]), sorted(tests[rule.id])


def table() -> str:
    """The whole document."""
    lines = [
        f"| {rule} | {classes} | {label} | {'<br>'.join(files)} | {_first(tests)} |\n"
        for rule, classes, label, files, tests in rows(shipped_rules())
    ]
    return _HEAD + "".join(lines)


def _first(tests: list[str]) -> str:
    """At most three tests, and how many more."""
    shown = "<br>".join(f"`{t}`" for t in tests[:3])
    return shown + (f"<br>and {len(tests) - 3} more" if len(tests) > 3 else "")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")

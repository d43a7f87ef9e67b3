"""No euro amount of the rules is written in Python: they come from data/baremes, and from nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.rules import Kind

ROOT = Path(__file__).resolve().parents[3]
# Round numbers that are also limits of files, lines and pages; an amount hidden among them is not seen here.
ALSO_LIMITS = {1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 100_000}
# What a grappe member brings in all, as the documents also print it.
TOTALS = {21_500, 19_000, 115_000}


def test_no_amount_is_a_literal() -> None:
    rules = shipped_rules()
    amounts = {v.value for m in rules.measures if m.kind is Kind.FORFAIT for v in m.versions}
    amounts |= {e.value for e in rules.envelopes} | TOTALS
    watched = amounts - ALSO_LIMITS
    assert len(watched) >= 8
    found = []
    for room in ("matchmaker", "solver"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and type(node.value) is int and node.value in watched:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}")
    assert found == []

"""Euros are integers from end to end: no float is written, made by a division, or found in an answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matchmaker.baremes import shipped_rules
from matchmaker.financement.evaluation import evaluate
from solver.vocabulary import Champ
from tests.matchmaker.financement.drawn_projects import ACQ, MV, N22, R21, R22, projet

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("matchmaker/financement", "matchmaker/baremes")


def test_no_float_is_written_in_the_engine() -> None:
    found = []
    seen = 0
    for room in ROOMS:
        for path in sorted((ROOT / room).glob("*.py")):
            seen += 1
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
                named = isinstance(node, ast.Name) and node.id in ("float", "round", "Decimal")
                if literal or named:
                    found.append(f"{path.name}:{getattr(node, 'lineno', 0)}")
    assert seen > 20
    # recognising an amount in a quote writes it as French does: the one division, of text, not of money
    assert found == []


def test_divisions_are_exact() -> None:
    """``/`` occurs on paths and on fractions only."""
    divided = []
    for path in sorted((ROOT / "matchmaker/financement").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                divided.append(f"{path.name}: {ast.unparse(node)}")
    assert divided == ["partage.py: Fraction(total_eur * weight) / whole"]


def leaves(value: Any) -> Iterator[Any]:
    if is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from leaves(getattr(value, f.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(key)
            yield from leaves(item)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_no_float_is_found_in_an_answer() -> None:
    rules = shipped_rules()
    for case in (
        projet(
            R21, (6, ACQ, Champ.PA, "a", 6, "27"), (11, ACQ, Champ.PA, "b", 99), signature=date(2021, 12, 1)
        ),
        projet(R22, (17, MV, Champ.AHI, "a", 17)),
        projet(N22, (30, ACQ, Champ.PA, "a", 30), (31, MV, Champ.PA, "b", 31)),
    ):
        found = list(leaves(evaluate(rules, case)))
        assert len(found) > 200
        assert not [x for x in found if isinstance(x, float)]

"""Every rule that pays or forbids has a file that says it and a test that holds it."""

from __future__ import annotations

from matchmaker.baremes import shipped_rules
from tests.matchmaker.financement import coverage


def test_no_rule_that_pays_or_forbids_is_empty() -> None:
    found = list(coverage.rows(shipped_rules()))
    binding = [row for row in found if set(row[1]) & {"F", "H"}]
    assert len(binding) > 35
    without_data = [row[0] for row in binding if not set(row[3]) - {"registre"}]
    without_test = [row[0] for row in binding if not row[4]]
    assert (without_data, without_test) == ([], [])


def test_every_marked_rule_is_in_the_register() -> None:
    marked = coverage.marked_tests()
    assert len(marked) > 35
    assert set(marked) <= shipped_rules().rule_by_id.keys()


def test_the_register_is_the_whole_of_a_1() -> None:
    """R01 to R60 of the register; the numbers it does not use are 15 to 19, 48 and 49."""
    unused = {15, 16, 17, 18, 19, 48, 49}
    expected = {f"R{n:02}" for n in range(1, 61) if n not in unused}
    assert {r.id for r in shipped_rules().register if r.id.startswith("R")} == expected


def test_the_table_is_up_to_date() -> None:
    assert coverage.TABLE.read_text(encoding="utf-8") == coverage.table(), (
        "run: python -m tests.matchmaker.financement.coverage"
    )

"""The two documents joined: counts, margins, solidity, what changes would place the most."""

from __future__ import annotations

import pytest

from matchmaker.proposals import listing
from matchmaker.proposals.departures import solidity
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.levers import levers
from matchmaker.proposals.listing import Wanted
from matchmaker.proposals.plan import Plan


def test_every_esms_is_counted_once(plan: Plan) -> None:
    """Tests the sum on the page: 31 placed + 9 left out + 2 that ask nothing = 42 answers."""
    assert (plan.placed_count, len(plan.left_out), len(plan.aside), len(plan.esms)) == (31, 9, 2, 42)
    assert sum(count for _, count in plan.reasons) == 11
    assert [reason for reason, _ in plan.reasons][-2:] == ["excluded", "no_need"]


def test_money_adds_up(plan: Plan) -> None:
    """Tests that lines by kind, grappes and the plan give the same total.

    G1: 16 ESMS at 21,500, 12 members of small organismes (og-0 to og-2; og-3 has 16 ESMS), 115,000
    once: 344,000 + 240,000 + 115,000. G2: 15 at 19,000, no small organisme.
    """
    g1, g2 = plan.grappe_by_id["G1"], plan.grappe_by_id["G2"]
    assert g1.funding_eur == 16 * 21_500 + 12 * 20_000 + 115_000
    assert g2.funding_eur == 15 * 19_000
    assert sum(amount for _, amount in plan.lines_by_code) == plan.funding_eur == 699_000 + 285_000


def test_margin_and_solidity(plan: Plan) -> None:
    """Tests the margin over the threshold, and which organismes may leave.

    Each of G1's four organismes has 4 ESMS for a margin of 1: none may leave.
    """
    g1 = plan.grappe_by_id["G1"]
    assert (g1.threshold, g1.margin, solidity(plan, g1).word) == (15, 1, "frag")
    assert [count for _, count in g1.organismes] == [4, 4, 4, 4]


def test_fictitious_and_unknown_segur(plan: Plan) -> None:
    """Tests what must be said beside a name."""
    assert plan.fictitious
    assert plan.solutions["dui-b"].segur == "unknown"


def test_levers_count_esms_once(plan: Plan) -> None:
    """Tests the count of ESMS that one and the same concession would place."""
    found = levers(plan)
    assert (found[0].kind, found[0].value, found[0].count) == ("accept_hosting", "on_premise", 2)
    assert found[0].where == ("48", 2)
    assert {(lever.kind, lever.count) for lever in found} >= {("radius_km", 1), ("split_lot", 1)}


def test_the_simplest_to_place_come_first(plan: Plan) -> None:
    """Tests the default order: by gain, then those whom nothing places, then those who ask nothing."""
    names = [item.esms.name for item in listing.items(plan, Wanted(situations=("iso", "nsp")))]
    assert names[:4] == ["Trop seul", "En concurrence", "Lot coupé", "Sans offre"]
    assert names[-2:] == ["Mis de côté", "Sans besoin"]


def test_filters_narrow_and_add_up(plan: Plan) -> None:
    """Tests that each filter's parts sum to the whole list."""
    everyone = listing.items(plan, Wanted())
    assert len(everyone) == 42
    for name, values in (
        ("champ", [value for value, _ in listing.choices(plan).champs]),
        ("departement", [value for value, _ in listing.choices(plan).departements]),
    ):
        assert sum(len(listing.items(plan, Wanted(**{name: value}))) for value in values) == 42
    assert len(listing.items(plan, Wanted(grappe="G2"))) == 15
    assert [i.esms.name for i in listing.items(plan, Wanted(levier="radius_km"))] == ["Trop seul"]
    assert len(listing.items(plan, Wanted(levier="aucun"))) == 4


def test_the_query_string_keeps_what_was_asked() -> None:
    """Tests that an address says what it shows, and nothing more."""
    wanted = Wanted(situations=("iso",), champ="PH", page=3)
    assert wanted.query() == "situation=iso&champ=PH&page=3"
    assert wanted.query(page=1) == "situation=iso&champ=PH"
    assert Wanted().query() == ""


def test_distances_to_the_porteur_are_those_of_the_judge(plan: Plan) -> None:
    """Tests that the largest distance shown is the radius that the judge computed with another library."""
    for grappe in plan.grappes:
        kilometres = kilometres_from(grappe.porteur, grappe.members)
        assert max(kilometres) == pytest.approx(grappe.radius_km, abs=1e-5)
        assert min(kilometres) == 0

"""Cells: whoever knows everything public of every organisme still has three candidates for each card."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from geopy.distance import great_circle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.partners.cells import BANDS, Cell, band, cells, far_km
from matchmaker.partners.profiles import Profile
from solver.instance import Esms
from solver.vocabulary import Champ, Need

PLACES = {"32": (43.6, 0.6), "65": (43.2, 0.1), "46": (44.6, 1.6), "48": (44.5, 3.5)}


def profile(
    number: int, departement: str = "32", champ: str = "PH", size: int = 4, dui: str | None = None
) -> Profile:
    lat, lon = PLACES[departement]
    one = Esms(
        f"e{number}",
        "",
        str(number),
        Champ(champ),
        "",
        lat,
        lon,
        departement,
        "76",
        Need.ACQUISITION,
        None,
        None,
        None,
    )
    return Profile(
        id=number,
        code=str(number),
        champ=champ,
        departement=departement,
        region="76",
        dui=dui,
        medicalised=False,
        needs=frozenset({"acquisition"}),
        can_be_porteur=True,
        position=(lat + number / 1000, lon),
        esms=(one,) * size,
        kinds={},
        minimum=15,
    )


def test_alike_organismes_keep_every_detail() -> None:
    found = cells([profile(n, dui="boreal") for n in range(3)], 3)
    (cell,) = set(found.values())
    assert (cell.departements, cell.champ, cell.least_esms, cell.most_esms) == (("32",), "PH", 2, 4)
    assert (cell.detailed, cell.dui) == (True, "boreal")


def test_a_rare_dui_is_not_shown() -> None:
    found = cells([profile(n, dui="boreal" if n else "rare") for n in range(4)], 3)
    assert 0 not in {n for n, cell in found.items() if cell.detailed}
    assert "rare" not in {cell.dui for cell in found.values()}


def test_a_rare_size_is_shown_in_a_wider_cell() -> None:
    """Tests that one who is left makes a cell of its public wider rather than being shown nowhere."""
    some = [profile(0, size=20), *(profile(n) for n in range(1, 5)), profile(9, champ="PDE")]
    found = cells(some, 3)
    assert set(found) == {0, 1, 2, 3, 4}
    assert {(cell.least_esms, cell.most_esms, cell.detailed) for cell in found.values()} == {(2, 29, False)}


def test_a_lonely_departement_is_shown_with_its_neighbour() -> None:
    found = cells([profile(0, "32"), profile(1, "32"), profile(2, "65"), profile(3, "65")], 3)
    assert {cell.departements for cell in found.values()} == {("32", "65")}
    assert found[0].members == {0, 1, 2, 3}


def test_too_few_of_a_public_are_shown_without_it() -> None:
    some = [profile(0, champ="PA"), profile(1, champ="DOM"), profile(2, "48", champ="PDE")]
    found = cells(some, 3)
    assert {(cell.champ, cell.departements) for cell in found.values()} == {(None, ())}


def test_fewer_than_three_are_never_shown() -> None:
    assert cells([profile(0), profile(1)], 3) == {}
    assert cells([], 3) == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine's, not the test's
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(PLACES)),
            st.sampled_from(["PH", "PA", "DOM"]),
            st.integers(1, 40),
            st.sampled_from([None, "boreal", "alize"]),
        ),
        max_size=30,
    )
)
def test_what_is_displayed_is_shared_by_three(drawn: list[tuple[str, str, int, str | None]]) -> None:
    """Tests k-anonymity over all that a card displays and a register knows, distance included."""
    profiles = {n: profile(n, *one) for n, one in enumerate(drawn)}
    viewer = profile(999, "48")
    found = cells(profiles.values(), 3)
    displayed: dict[object, set[int]] = defaultdict(set)
    for number, cell in found.items():
        shown = (
            cell.region,
            cell.departements,
            cell.champ,
            cell.least_esms,
            cell.most_esms,
            cell.dui,
            cell.medicalised,
            far_km(cell, profiles, viewer),
        )
        displayed[shown].add(number)
        mine = profiles[number]
        assert number in cell.members
        assert not cell.departements or mine.departement in cell.departements
        assert cell.least_esms <= mine.size
        assert cell.most_esms is None or mine.size <= cell.most_esms
        assert cell.champ in (None, mine.champ)
        assert not cell.detailed or cell.dui == mine.dui
    assert all(len(some) >= 3 for some in displayed.values())


def test_cells_do_not_depend_on_the_order_of_rows() -> None:
    some = [profile(n, random.Random(n).choice(sorted(PLACES)), size=1 + n % 7) for n in range(20)]
    shuffled = random.Random(1).sample(some, len(some))
    assert cells(some, 3) == cells(shuffled, 3)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 9, 10, 14, 15, 29, 30, 500])
def test_every_size_has_one_band(size: int) -> None:
    low, high = band(size)
    assert low <= size
    assert high is None or size <= high
    assert (low, high) in BANDS


def test_distances_are_those_of_the_cell() -> None:
    profiles = {n: profile(n) for n in range(3)}
    cell: Cell = cells(profiles.values(), 3)[0]
    viewer = profile(9, "65")
    low, high = far_km(cell, profiles, viewer)
    assert (low % 15, high % 15) == (0, 0)
    for one in profiles.values():
        assert low <= great_circle(one.position, viewer.position).kilometers < high

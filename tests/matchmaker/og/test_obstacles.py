"""What blocks, grappe by grappe: columns and groups give what looking at each ESMS in each grappe gives."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import pytest
from pyproj import Geod

from matchmaker.og import obstacles
from matchmaker.og.standing import seen
from matchmaker.proposals import plan_documents
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.plan import Esms, Grappe, Plan
from solver.vocabulary import Need
from tests.matchmaker.proposals.pair import pair

CHAMPS, NEEDS = ("PA", "PH", "DOM"), ("acquisition", "renouvellement", "montee_de_version")
MODES = ("saas", "shared", "on_premise")
OTHERS, OWN = 12, 9
LIMITS = (None, 30.0, 60.0, 700.0)


def drawn(r: random.Random) -> tuple[Plan, list[Esms]]:
    """A plan of some sixty grappes of one to five organismes, and the ESMS that one organisme has alone."""
    model = plan_documents.read(*pair())
    solutions = [
        replace(s, id=f"dui-{n}", hosting=tuple(r.sample(MODES, 2)), champs=tuple(r.sample(CHAMPS, 2)))
        for n, s in enumerate(list(model.solutions.values())[:1] * 4)
    ]
    organismes = [replace(next(iter(model.esms.values())).organisme, id=f"og-{n}") for n in range(OTHERS + 1)]

    def esms(number: int, own: bool) -> Esms:
        return replace(
            next(iter(model.esms.values())),
            id=f"{number:04}",
            organisme=organismes[0 if own else r.randint(1, OTHERS)],
            champ=r.choice(CHAMPS),
            need=r.choice(NEEDS),
            current_solution=r.choice([None, *(s.id for s in solutions)]),
            accepted_solutions=r.choice([None, (), *((s.id,) for s in solutions)]),
            accepted_hosting=r.choice([None, (), *((mode,) for mode in MODES)]),
            region=r.choice(["76", "75"]),
            departement=r.choice(["32", "31", "34"]),
            lat=r.choice([43.6, r.uniform(42.5, 45.0)]),
            lon=r.choice([1.4, r.uniform(0.0, 4.5)]),
        )

    made = [esms(number, own=number < OWN) for number in range(500)]
    limit = r.choice(LIMITS)
    if limit is not None:  # a millimetre and less on either side of the limit
        for k, off_m in enumerate((-0.002, -0.0004, 0.0, 0.0004, 0.002)):
            to = Geod(ellps="WGS84").fwd(made[0].lon, made[0].lat, 20.0 + k, limit * 1000 + off_m)
            made[OWN + 20 + k] = replace(made[OWN + 20 + k], lon=to[0], lat=to[1])
    left = iter(made[OWN - 2 :])
    grappes = []
    for number in range(60):
        members = tuple(islice(left, r.randint(2, 12)))
        if number == 4 and limit is not None:
            members = members[:1]
        grappes.append(
            replace(
                model.grappes[0],
                id=f"G{number}",
                solution=r.choice(solutions),
                hosting=r.choice([None, *MODES]),
                porteur=made[OWN + 20 + number] if number < 5 else r.choice(members),
                members=members,
            )
        )
    parameters = {
        "max_radius_km": limit,
        "territory": r.choice(["region", "departement", "national"]),
        "mix_champs": r.random() < 0.5,
        "mix_needs": r.random() < 0.5,
        "max_size": r.choice([None, 8, 12, 16]),
    }
    return (
        replace(
            model,
            parameters={**model.parameters, **parameters},
            esms={e.id: e for e in made},
            solutions={s.id: s for s in solutions},
            grappes=tuple(grappes),
        ),
        made[: OWN - 2],
    )


def directly(read: Plan, alone: list[Esms], grappe: Grappe) -> tuple[int, ...]:
    """How many of these ESMS each rule keeps out of one grappe, one by one."""
    champs = {e.champ for e in grappe.members}
    kinds = {Need(e.need).is_acquisition for e in grappe.members}
    modes = grappe.solution.hosting if grappe.hosting is None else (grappe.hosting,)
    limit, territory = read.parameters["max_radius_km"], read.parameters["territory"]
    out = [0, 0, 0, 0]
    for e in alone:
        upgrade_elsewhere = e.need == "montee_de_version" and e.current_solution != grappe.solution.id
        accepted = e.accepted_solutions is None or grappe.solution.id in e.accepted_solutions
        out[0] += upgrade_elsewhere or not accepted
        out[1] += e.accepted_hosting is not None and not set(modes) & set(e.accepted_hosting)
        mixed = (read.parameters["mix_champs"] or e.champ in champs) and (
            read.parameters["mix_needs"] is not False or Need(e.need).is_acquisition in kinds
        )
        out[2] += e.champ not in grappe.solution.champs or not mixed
        elsewhere = territory != "national" and getattr(e, territory) != getattr(grappe.porteur, territory)
        away = kilometres_from(grappe.porteur, [e])[0]
        out[3] += elsewhere or (limit is not None and round(away, 6) > limit)
    most = read.parameters["max_size"]
    others = {e.organisme.id for e in grappe.members} - {alone[0].organisme.id}
    few = 0 < len(others) < FEW
    crowd = 0 if most is None or few else max(0, len(grappe.members) + len(alone) - most)
    return *out, crowd


FEW = 3


@pytest.mark.parametrize("seed", range(12))
def test_columns_say_what_each_esms_in_each_grappe_says(seed: int) -> None:
    """Tests the nearest grappes and every number of them, on drawn plans: organismes with several ESMS in a
    place or of an answer, limits met to the millimetre, grappes of few, full ones, one's own."""
    read, alone = drawn(random.Random(seed))
    own = {e.id for e in read.esms.values() if e.organisme.id == "og-0"}
    blocked = {g.id: directly(read, alone, g) for g in read.grappes}
    order = sorted(blocked, key=lambda id_: (5 - blocked[id_].count(0), sum(blocked[id_]), id_))
    for most in (4, 60):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(obstacles, "SHOWN", most)
            found = obstacles.nearest(read, alone)
        assert [one.grappe.id for one in found] == order[:most]
        for one in found:
            assert tuple(o.blocked for o in one.obstacles) == blocked[one.grappe.id]
            assert one.grappe == seen(read.grappe_by_id[one.grappe.id], own)
            assert one.blocking == 5 - blocked[one.grappe.id].count(0)


def test_a_plan_without_grappe_has_none_to_show() -> None:
    read, alone = drawn(random.Random(1))
    assert obstacles.nearest(replace(read, grappes=()), alone) == []
    assert obstacles.nearest(read, []) == []

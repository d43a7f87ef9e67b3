"""Live checks: what is wrong is the judge's, and each remedy that is named works when it is applied."""

from __future__ import annotations

import dataclasses
import re

import pytest

from matchmaker.campaigns.answers import Answer
from matchmaker.grappes.checks import Verdict, judged
from matchmaker.grappes.money import money_of, total_eur
from matchmaker.partners.question import Question
from tests.matchmaker.partners.conftest import esms
from tests.matchmaker.partners.questions import question

SAAS = Answer("acquisition", None, "any", ("saas",))
PREMISE = Answer("acquisition", None, "any", ("on_premise",))
BOREAL = Answer("acquisition", None, ("boreal",), ("saas",))


def verdict(asked: Question, *ids: str, solution: str = "alize", hosting: str = "saas") -> Verdict:
    return judged(asked, solution, hosting, ids or [e.id for e in asked.instance.esms])


def test_a_sound_grappe_has_no_fault() -> None:
    asked = question(*(esms(f"33000000{n}", f"{n}", SAAS) for n in range(3)))
    found = verdict(asked)
    assert found.constituted
    assert (found.size, found.minimum, found.missing) == (3, 3, 0)


def test_under_the_minimum_nothing_else_is_wrong() -> None:
    asked = question(*(esms(f"33000000{n}", f"{n}", SAAS) for n in range(2)))
    found = verdict(asked)
    assert (found.missing, found.faults, found.constituted) == (1, (), False)


def test_a_hosting_that_one_refuses_and_what_lifts_it() -> None:
    some = [
        esms(f"33000000{n}", f"{n}", PREMISE if n == 0 else Answer("acquisition", None, "any", "any"))
        for n in range(3)
    ]
    found = verdict(question(*some))
    (fault,) = found.faults
    assert fault.rule == "hosting"
    assert "Foyer 330000000" in fault.words
    assert any("acceptait cet hébergement" in remedy for remedy in fault.remedies)
    assert any("il resterait 2" in remedy.replace("\u00a0", " ") for remedy in fault.remedies)
    assert any("Avec Alizé en hébergement « sur site »" in remedy for remedy in fault.remedies)


def test_each_remedy_works() -> None:
    """Tests the named offers and departures by judging the grappe that they describe."""
    some = [esms(f"33000000{n}", f"{n}", BOREAL if n == 0 else SAAS) for n in range(3)]
    asked = question(*some)
    found = verdict(asked)
    (fault,) = found.faults
    names = {s.name: s.id for s in asked.instance.solutions}
    hostings = {"SaaS éditeur (HDS)": "saas", "sur site": "on_premise", "chez un tiers (GCS, GIP)": "shared"}
    offers = [re.match(r"Avec (\w+) en hébergement « (.+) »", remedy) for remedy in fault.remedies]
    tried = [verdict(asked, solution=names[m[1]], hosting=hostings[m[2]]) for m in offers if m]
    assert tried
    assert all(not one.faults for one in tried)
    assert not verdict(asked, "330000001", "330000002").faults


def test_too_far_from_anybody_who_could_carry() -> None:
    some = [esms(f"33000000{n}", f"{n}", SAAS, lat=43.6 + n) for n in range(3)]
    found = verdict(question(*some, max_radius_km=115.0))
    assert found.constituted, "the one in the middle carries"
    some = [
        esms(f"34000000{n}", f"{n}", dataclasses.replace(SAAS, can_be_porteur=n != 1), lat=43.6 + n)
        for n in range(3)
    ]
    far = verdict(question(*some, max_radius_km=115.0))
    (fault,) = far.faults
    assert fault.rule == "porteur"
    assert far.porteur is None
    assert fault.remedies


def test_needs_that_do_not_mix_and_a_cap() -> None:
    some = [
        esms(f"33000000{n}", f"{n}", SAAS if n else Answer("montee_de_version", "alize", ("alize",), "any"))
        for n in range(4)
    ]
    found = verdict(question(*some, max_size=3))
    assert {fault.rule for fault in found.faults} == {"mix_needs", "size"}
    told = {fault.rule: [one.replace("\u00a0", " ") for one in fault.remedies] for fault in found.faults}
    assert "En ne gardant que « acquisition », ce point est levé : il resterait 3 ESMS." in told["mix_needs"]
    assert "il resterait 1 ESMS, 2 de moins que le seuil" in "".join(told["mix_needs"])
    assert told["size"][0].startswith("Avec 1 ESMS de moins")
    assert not verdict(question(*some, max_size=3), *(f"33000000{n}" for n in (1, 2, 3))).faults


def test_a_lot_is_brought_in_whole() -> None:
    some = [esms(f"33000000{n}", f"{n // 2}", dataclasses.replace(SAAS, lot="nord")) for n in range(4)]
    asked = question(*some)
    (fault,) = verdict(asked, "330000000", "330000001", "330000002").faults
    assert fault.rule == "lot"
    assert "Avec aussi « Foyer 330000003 », du même lot, ce point est levé." in fault.remedies
    assert not verdict(asked).faults


def test_money_adds_up() -> None:
    some = [esms(f"33000000{n}", "small" if n < 2 else f"{n}", SAAS) for n in range(4)]
    asked = question(*some)
    ids = [e.id for e in asked.instance.esms]
    money = money_of(asked, "boreal", ids, ids[:2])
    assert money is not None
    assert money.mine_eur + money.shared_eur + money.others_eur == money.total_eur
    assert money.total_eur == asked.judge.funding("boreal", ids) == total_eur(asked, "boreal", ids)
    assert money.mine_eur == 2 * (21_500 + 20_000)
    assert money.shared_eur == 115_000


@pytest.mark.parametrize("ids", [(), ("inconnu",)])
def test_nothing_to_judge(ids: tuple[str, ...]) -> None:
    asked = question(*(esms(f"33000000{n}", f"{n}", SAAS) for n in range(3)))
    found = judged(asked, "boreal", "saas", ids)
    assert (found.size, found.constituted, found.away) == (0, False, ids)
    assert money_of(asked, "boreal", [], []) is None

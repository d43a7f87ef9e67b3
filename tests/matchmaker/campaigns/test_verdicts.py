"""The judge's remarks in French: every rule has its sentence, with names and numbers."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from matchmaker.baremes import scale_for
from matchmaker.campaigns import verdicts
from solver.document import read_instance
from solver.judge import Rule, disagreements
from tests.matchmaker.proposals.pair import sound_pair

Document = dict[str, Any]
_ENGLISH = re.compile(r"\b(unknown|members?|the|not|does|accept|km from|at least|at most|without|of)\b")


def told(instance: Document, proposal: Document) -> list[tuple[Rule, str, str]]:
    """(rule, place, sentence) of everything that the judge finds."""
    read = read_instance(instance)
    found = disagreements(read, scale_for(read.regime, read.parameters.readings), proposal)
    return [(v.rule, verdicts.place(v.path, proposal), verdicts.sentence(v, read)) for v in found]


def esms(instance: Document, proposal: Document, member: int = 0) -> Document:
    """A member of the first grappe, in the instance; not its porteur."""
    first = proposal["grappes"][0]
    ids = [id_ for id_ in first["members"] if id_ != first["porteur"]]
    return next(e for e in instance["esms"] if e["id"] == ids[member])


def _no_need(i: Document, p: Document) -> None:
    esms(i, p)["need"] = "aucun"


def _excluded(i: Document, p: Document) -> None:
    i["constraints"]["excluded"] = [esms(i, p)["id"]]


def _other_solution(i: Document, p: Document) -> None:
    other = next(s["id"] for s in i["solutions"] if s["id"] != p["grappes"][0]["solution"])
    esms(i, p)["accepted_solutions"] = [other]


def _own_version(i: Document, p: Document) -> None:
    other = next(s["id"] for s in i["solutions"] if s["id"] != p["grappes"][0]["solution"])
    esms(i, p).update(need="montee_de_version", current_solution=other)


def _champ(i: Document, p: Document) -> None:
    solution = next(s for s in i["solutions"] if s["id"] == p["grappes"][0]["solution"])
    champ = esms(i, p)["champ"]
    solution["champs"] = [c for c in ("PA", "PH", "DOM", "PDS") if c != champ]


def _hosting(i: Document, p: Document) -> None:
    mode = p["grappes"][0]["hosting"]
    esms(i, p)["accepted_hosting"] = [m for m in ("saas", "shared", "on_premise") if m != mode]


def _hosting_offered(i: Document, p: Document) -> None:
    solution = next(s for s in i["solutions"] if s["id"] == p["grappes"][0]["solution"])
    solution["hosting"] = [m for m in ("saas", "shared", "on_premise") if m != p["grappes"][0]["hosting"]]


def _lot(i: Document, p: Document) -> None:
    first = esms(i, p)
    placed = {id_ for g in p["grappes"] for id_ in g["members"]}
    left = next(e for e in i["esms"] if e["id"] not in placed)
    left.update(organisme=first["organisme"], lot="vallée")
    first["lot"] = "vallée"


def _size(i: Document, p: Document) -> None:
    i["parameters"]["min_size"] = 40


def _too_many(i: Document, p: Document) -> None:
    i["parameters"].update(min_size=2, max_size=3)


def _porteur(i: Document, p: Document) -> None:
    porteur = p["grappes"][0]["porteur"]
    next(e for e in i["esms"] if e["id"] == porteur)["can_be_porteur"] = False


def _stranger_porteur(i: Document, p: Document) -> None:
    p["grappes"][0]["porteur"] = p["grappes"][1]["porteur"]


def _radius(i: Document, p: Document) -> None:
    i["parameters"]["max_radius_km"] = 0.5


def _territory(i: Document, p: Document) -> None:
    esms(i, p)["region"] = "84"


def _centre(i: Document, p: Document) -> None:
    p["grappes"][0]["porteur"] = esms(i, p, 3)["id"]


def _mix_champs(i: Document, p: Document) -> None:
    i["parameters"]["mix_champs"] = False
    esms(i, p)["champ"] = "PH" if esms(i, p)["champ"] != "PH" else "PA"


def _mix_needs(i: Document, p: Document) -> None:
    i["parameters"]["mix_needs"] = False
    e = esms(i, p)
    solution = p["grappes"][0]["solution"]
    e.update(need="montee_de_version", current_solution=solution, accepted_solutions=[solution])


def _apart(i: Document, p: Document) -> None:
    by_id = {e["id"]: e["organisme"] for e in i["esms"]}
    one, other = sorted({by_id[m] for m in p["grappes"][0]["members"]})[:2]
    i["constraints"]["apart"] = [[one, other]]


def _together(i: Document, p: Document) -> None:
    by_id = {e["id"]: e["organisme"] for e in i["esms"]}
    one = by_id[p["grappes"][0]["members"][0]]
    other = next(by_id[m] for m in p["grappes"][1]["members"] if by_id[m] != one)
    i["constraints"].update(together=[[one, other]], apart=[])


def _budget(i: Document, p: Document) -> None:
    i["parameters"]["budget_eur"] = 1_000


def _max_grappes(i: Document, p: Document) -> None:
    i["parameters"]["max_grappes"] = 1


def _previous(i: Document, p: Document) -> None:
    other = next(s["id"] for s in i["solutions"] if s["id"] != p["grappes"][0]["solution"])
    kept = {k: p["grappes"][0][k] for k in ("id", "hosting", "porteur", "members")}
    i["previous"] = [{**kept, "solution": other}]


def _fixed(i: Document, p: Document) -> None:
    kept = {k: p["grappes"][0][k] for k in ("solution", "hosting", "porteur")}
    i["constraints"]["fixed_grappes"] = [
        {**kept, "id": "G1", "members": p["grappes"][0]["members"][:-1], "extendable": False}
    ]


def _twice(i: Document, p: Document) -> None:
    p["grappes"][1]["members"].append(p["grappes"][0]["members"][0])


def _same_name(i: Document, p: Document) -> None:
    p["grappes"][1]["id"] = p["grappes"][0]["id"]


def _line(i: Document, p: Document) -> None:
    p["grappes"][0]["lines"][0]["quantity"] += 1


def _region(i: Document, p: Document) -> None:
    p["grappes"][0]["by_region"] = {"84": p["grappes"][0]["funding_eur"]}


def _total(i: Document, p: Document) -> None:
    p["esms_placed"] += 1


def _status(i: Document, p: Document) -> None:
    p["status"] = "none"


def _bound(i: Document, p: Document) -> None:
    p["upper_bound"] = p["objective_value"] - 500


def _forgotten(i: Document, p: Document) -> None:
    p["unplaced"].pop()


def _wrong_reason(i: Document, p: Document) -> None:
    i["constraints"]["excluded"] = [p["unplaced"][0]["esms"]]


def _regime(i: Document, p: Document) -> None:
    p["regime"] = "amorcage-2021"


def _miscounted(_instance: Document, proposal: Document) -> None:
    """Nobody could be its porteur, it says, and still counts partners."""
    alone = next(u for u in proposal["unplaced"] if u["reason"] == "outcompeted")
    detail = {"solution": None, "hosting": None, "porteur": None, "in_reach": 7, "missing": 8}
    alone |= {"reason": "too_few_partners", "detail": detail}


CASES = {
    _no_need: (Rule.NO_NEED, "ne demande rien"),
    _excluded: (Rule.EXCLUDED, "est exclu des calculs"),
    _other_solution: (Rule.SOLUTION, "n’accepte pas la solution « "),
    _own_version: (Rule.CURRENT_SOLUTION, "demande une montée de version de « "),
    _champ: (Rule.CHAMP, "ne couvre pas le champ"),
    _hosting: (Rule.HOSTING, "n’accepte pas l’hébergement « "),
    _hosting_offered: (Rule.HOSTING, "n’offre pas l’hébergement « "),
    _lot: (Rule.LOT, "Le lot « vallée » ne se sépare pas : il manque « "),
    _size: (Rule.SIZE, "il en faut au moins 40"),
    _too_many: (Rule.SIZE, "il en faut au plus 3"),
    _porteur: (Rule.PORTEUR, "ne peut pas être porteur"),
    _stranger_porteur: (Rule.PORTEUR, "n’est pas membre de la grappe"),
    _radius: (Rule.RADIUS, "c’est plus que la distance maximale"),
    _territory: (Rule.TERRITORY, "n’est pas dans le territoire du porteur"),
    _centre: (Rule.CENTRE, "Le porteur doit être le membre le plus central"),
    _mix_champs: (Rule.MIX_CHAMPS, "La grappe réunit plusieurs champs"),
    _mix_needs: (Rule.MIX_NEEDS, "montée de version"),
    _apart: (Rule.APART, "ne doivent jamais être dans la même grappe"),
    _together: (Rule.TOGETHER, "à garder ensemble : il manque"),
    _budget: (Rule.BUDGET, "dépasse le budget maximal de 1 000 €"),
    _max_grappes: (Rule.MAX_GRAPPES, "la campagne en permet au plus 1"),
    _previous: (Rule.PREVIOUS, "plan de référence"),
    _fixed: (Rule.FIXED_GRAPPE, "telle qu’elle a été fixée"),
    _twice: (Rule.ONE_GRAPPE, "est dans plusieurs grappes"),
    _same_name: (Rule.GRAPPE_ID, "Plusieurs grappes portent le nom « G1 »"),
    _line: (Rule.FIGURE, "le contrôleur"),
    _region: (Rule.FIGURE, "La part de la région 84 est de 0 €"),
    _total: (Rule.TOTAL, "Le nombre d’ESMS placés est donné pour"),
    _status: (Rule.STATUS, "L’état du calcul"),
    _bound: (Rule.BOUND, "est inférieur à ce qu’il doit couvrir"),
    _forgotten: (Rule.UNPLACED, "n’est ni dans une grappe ni parmi les non placés"),
    _wrong_reason: (Rule.UNPLACED, "La cause donnée n’est pas celle"),
    _miscounted: (Rule.UNPLACED, "précisions données avec la cause"),
    _regime: (Rule.SHAPE, "n’a pas été calculé avec ces données"),
}


@pytest.mark.parametrize("break_it", CASES, ids=lambda f: f.__name__)
def test_what_is_broken_is_told_in_french(break_it: Any) -> None:
    """Tests each rule on a real pair broken on purpose: its sentence, and no word of the judge's own."""
    instance, proposal = (copy.deepcopy(document) for document in sound_pair())
    break_it(instance, proposal)
    rule, words = CASES[break_it]
    remarks = told(instance, proposal)
    assert any(words in s.replace("\u00a0", " ") for r, _, s in remarks if r is rule), remarks
    for _, place, sentence in remarks:
        assert not _ENGLISH.search(sentence), sentence
        assert sentence.endswith("."), sentence
        assert place.split()[0] in ("Grappe", "ESMS", "Ensemble", "Contraintes")


def test_no_rule_is_left_without_words() -> None:
    """Tests that a rule added to the judge is given words, and most of them a case above."""
    seen = {rule for rule, _ in CASES.values()}
    assert set(Rule) - seen == {
        Rule.MEMBERS,
        Rule.FUNDABLE,
        Rule.CHANGE,
        Rule.DEPARTURE,
    }  # files are refused before, or rare
    assert set(verdicts.SENTENCES) == set(Rule)

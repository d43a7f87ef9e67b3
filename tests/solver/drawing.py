"""Instances drawn from a seed: three regimes, every kind of constraint, 5 to some thousands of ESMS.

``draw_instance`` and ``tiny_instance`` return documents (JSON-able) that the reader accepts. A *feature* is a
constraint kind or a parameter; those not asked for are drawn. Positions, names and needs are made up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Esms, Grappe, Instance
from solver.judge import Judge, Rule, fixed_grappe_problems
from solver.vocabulary import Champ, Hosting, Need, Regime

MODES = [mode.value for mode in Hosting]
CHAMPS = [champ.value for champ in Champ]
SOCIAL = ("PDS", "PDE", "AHI", "PJM")

# (departement, region, latitude, longitude) of a town of each
METROPOLE = [
    ("31", "76", 43.60, 1.44),
    ("34", "76", 43.61, 3.88),
    ("30", "76", 43.84, 4.36),
    ("66", "76", 42.70, 2.90),
    ("21", "27", 47.32, 5.04),
    ("25", "27", 47.24, 6.02),
    ("71", "27", 46.31, 4.83),
]
OVERSEAS = [
    ("2A", "94", 41.93, 8.74),
    ("2B", "94", 42.70, 9.45),
    ("971", "01", 16.24, -61.53),
    ("972", "02", 14.60, -61.07),
    ("973", "03", 4.92, -52.33),
    ("974", "04", -20.88, 55.45),
    ("976", "06", -12.78, 45.23),
]

FEATURES = (
    "radius", "territory", "places", "mix_champs", "mix_needs", "same_hosting", "sizes", "coverage", "budget",
    "stability", "previous", "readings", "lots", "together", "apart", "excluded", "fixed", "extendable",
    "no_porteur", "empty_accepted", "no_need", "social", "min_slack", "max_grappes",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """How large things are in an instance."""

    esms: int
    departements: tuple[int, int]
    organisme_size: int
    solutions: tuple[int, int]
    spread_degrees: float
    open_minded: float  # share of ESMS that accept any solution, any hosting
    small_sizes: bool


class Draft:
    """One instance being drawn; ``features`` holds what was asked for, everything else is drawn."""

    def __init__(self, seed: int, regime: str, shape: Shape, features: dict[str, Any]) -> None:
        unknown = features.keys() - set(FEATURES)
        if unknown:
            raise ValueError(f"unknown features: {sorted(unknown)}")
        self.random = Random(f"{seed}/{regime}/{shape.esms}")
        self.regime, self.shape, self.features = Regime(regime), shape, features

    def has(self, feature: str, probability: float) -> bool:
        drawn = self.random.random() < probability
        return bool(self.features.get(feature, drawn))

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "format": "matchmaker-instance/1",
            "regime": self.regime.value,
            "parameters": self.parameters(),
            "solutions": self.solutions(),
        }
        places = self.places()
        document["organismes"], document["esms"] = self.organismes_and_esms(document["solutions"], places)
        if self.has("lots", 0.6):
            self.draw_lots(document["esms"])
        document["constraints"] = self.constraints(document)
        if self.has("previous", 0.35) or document["parameters"].get("stability_eur_per_esms"):
            document["previous"] = self.previous(document)
        self.draw_fixed(document)
        self.draw_budget(document)
        if self.has("min_slack", 0.12):
            document["parameters"]["min_slack"] = self.random.choice([1, 1, 1, 2])
        if self.has("max_grappes", 0.15):
            fixed = len(document["constraints"].get("fixed_grappes", []))
            document["parameters"]["max_grappes"] = fixed + self.random.choice([0, 1, 1, 1, 1, 2])
        return document

    # parts -------------------------------------------------------------------------------------------

    def parameters(self) -> dict[str, Any]:
        r, drawn = self.random, dict[str, Any]()
        if self.has("radius", 0.6):
            drawn["max_radius_km"] = r.choice([5, 12.5, 30, 60, 120])
        territory = self.features.get("territory", r.choice(["region", "region", "departement", "none"]))
        if territory is not True:
            drawn["territory"] = territory
        if self.has("mix_champs", 0.3):
            drawn["mix_champs"] = False
        if self.has("mix_needs", 0.3):
            drawn["mix_needs"] = r.choice([True, False])
        if self.has("same_hosting", 0.25):
            drawn["same_hosting"] = False
        drawn |= self.sizes()
        coverage = self.has("coverage", 0.2)
        if coverage:
            drawn["objective"] = "coverage"
        if self.has("stability", 0.25) and not coverage:
            drawn["stability_eur_per_esms"] = r.choice([500, 4000, 15000])
        if self.has("readings", 0.4):
            words = {
                "K01": ["lt15", "le15"],
                "K07": ["acquisition", "mise_en_conformite"],
                "K10": ["counted", "not_counted"],
            }
            drawn["readings"] = {key: r.choice(values) for key, values in words.items() if r.random() < 0.7}
        return drawn

    def sizes(self) -> dict[str, Any]:
        r = self.random
        if self.shape.small_sizes:
            least = r.choice([2, 2, 3])
            return {"min_size": least, "max_size": r.choice([least, least + 1, least + 2, 6, 49])}
        drawn: dict[str, Any] = {}
        if self.has("sizes", 0.4):
            drawn["min_size"] = r.choice([3, 6, 10, 15])
            if r.random() < 0.5:
                drawn["max_size"] = r.choice([drawn["min_size"], 20, 30, 49])
                drawn["max_size"] = max(drawn["max_size"], drawn["min_size"])
        elif self.regime.is_national and self.shape.esms < 400:
            drawn["min_size"] = 12
        return drawn

    def places(self) -> list[tuple[str, str, float, float]]:
        r = self.random
        count = r.randint(*self.shape.departements)
        kind = self.features.get("places", r.choice(["metropole", "metropole", "overseas", "mixed"]))
        if kind == "overseas":
            return r.sample(OVERSEAS, min(count, len(OVERSEAS)))
        towns = r.sample(METROPOLE, min(count, len(METROPOLE)))
        if kind == "mixed":
            towns += r.sample(OVERSEAS, max(1, count // 2))
        return towns

    def solutions(self) -> list[dict[str, Any]]:
        r = self.random
        social = self.has("social", 0.5)
        return [
            {
                "id": f"S{k}",
                "name": f"DUI {chr(65 + k)}",
                "segur_referenced": r.random() < (0.4 if social else 0.8),
                "hosting": r.sample(MODES, r.choice([1, 2, 2, 3])),
                "champs": CHAMPS if r.random() < 0.7 else r.sample(CHAMPS, r.randint(1, 5)),
            }
            for k in range(r.randint(*self.shape.solutions))
        ]

    def organismes_and_esms(
        self, solutions: list[dict[str, Any]], places: list[tuple[str, str, float, float]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        r = self.random
        no_porteur, no_need = self.has("no_porteur", 0.5), self.has("no_need", 0.5)
        empty, social = self.has("empty_accepted", 0.4), self.has("social", 0.5)
        organismes: list[dict[str, Any]] = []
        esms: list[dict[str, Any]] = []
        while len(esms) < self.shape.esms:
            size = min(self.shape.esms - len(esms), 1 + int(r.expovariate(1 / self.shape.organisme_size)))
            id_ = f"O{len(organismes):04d}"
            total = r.choice([size, size, 14, 15, 16, 40])
            organismes.append({"id": id_, "name": f"Association {id_}", "esms_total": total})
            home = r.choice(places)
            champ = r.choice(SOCIAL if social and r.random() < 0.5 else CHAMPS)
            for _ in range(size):
                place = home if r.random() < 0.85 else r.choice(places)
                one = self.esms(f"E{len(esms):05d}", id_, champ, place, solutions)
                if no_porteur and r.random() < 0.15:
                    one["can_be_porteur"] = False
                if no_need and r.random() < 0.1:
                    one["need"] = "aucun"
                if empty and r.random() < 0.05:
                    one[r.choice(["accepted_solutions", "accepted_hosting"])] = []
                esms.append(one)
        return organismes, esms

    def esms(
        self,
        id_: str,
        organisme: str,
        champ: str,
        place: tuple[str, str, float, float],
        solutions: list[dict[str, Any]],
    ) -> dict[str, Any]:
        r = self.random
        departement, region, lat, lon = place
        ids = [s["id"] for s in solutions]
        need = r.choices([n.value for n in Need if n is not Need.AUCUN], [5, 2, 3])[0]
        current = r.choice(ids) if need != "acquisition" or r.random() < 0.2 else None
        accepted: Any = (
            "any" if r.random() < self.shape.open_minded else r.sample(ids, r.randint(1, len(ids)))
        )
        if need == "montee_de_version" and accepted != "any" and current not in accepted and r.random() < 0.8:
            accepted.append(current)
        spread = self.shape.spread_degrees
        return {
            "id": id_,
            "name": f"Établissement {id_}",
            "organisme": organisme,
            "champ": champ if r.random() < 0.85 else r.choice(CHAMPS),
            "category": r.choice(["500", "183", "", "Maison d’accueil"]),
            "lat": round(lat + r.gauss(0, spread), 6),
            "lon": round(lon + r.gauss(0, spread) / math.cos(math.radians(lat)), 6),
            "departement": departement,
            "region": region,
            "need": need,
            "current_solution": current,
            "accepted_solutions": accepted,
            "accepted_hosting": "any"
            if r.random() < self.shape.open_minded
            else r.sample(MODES, r.randint(1, 2)),
        }

    def draw_lots(self, esms: list[dict[str, Any]]) -> None:
        r = self.random
        by_organisme: dict[str, list[dict[str, Any]]] = {}
        for e in esms:
            by_organisme.setdefault(e["organisme"], []).append(e)
        for siblings in by_organisme.values():
            while len(siblings) >= 2 and r.random() < 0.4:
                size = min(len(siblings), 2 if self.shape.small_sizes else r.choice([2, 2, 3, 5, 60]))
                lot, siblings = siblings[:size], siblings[size:]
                for e in lot:
                    e["lot"] = f"lot {lot[0]['id'][-2:]}"
                    if r.random() < 0.8:  # most lots can be in one grappe at all
                        for key in ("need", "current_solution", "accepted_solutions", "accepted_hosting"):
                            e[key] = lot[0][key]

    def constraints(self, document: dict[str, Any]) -> dict[str, Any]:
        r, drawn = self.random, dict[str, Any]()
        ids = [o["id"] for o in document["organismes"]]
        pairs = max(1, len(ids) // 30)
        together: list[list[str]] = []
        if self.has("together", 0.35) and len(ids) >= 3:
            together = [r.sample(ids, 2) for _ in range(pairs)]
            drawn["together"] = together
        if self.has("apart", 0.35) and len(ids) >= 3:
            bound = {id_ for pair in together for id_ in pair}
            free = [id_ for id_ in ids if id_ not in bound]
            wanted = [[r.choice(free), r.choice(ids)] for _ in range(pairs)] if free else []
            drawn["apart"] = [pair for pair in wanted if pair[0] != pair[1]]
        if self.has("excluded", 0.3):
            everyone = [e["id"] for e in document["esms"]]
            drawn["excluded"] = r.sample(everyone, max(1, len(everyone) // 25))
        return drawn

    def previous(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        """Groups that some earlier proposal might have made; some of their ids no longer exist."""
        r = self.random
        free = [e["id"] for e in document["esms"]]
        r.shuffle(free)
        grappes = []
        for k in range(r.randint(1, 3)):
            size = min(len(free), r.randint(1, 3) if self.shape.small_sizes else r.randint(8, 20))
            members, free = free[:size], free[size:]
            if not members:
                break
            solution = r.choice(document["solutions"])
            same = document["parameters"].get("same_hosting", True)
            gone = ["E99999"] if r.random() < 0.2 and k == 0 else []
            grappes.append({
                "id": f"P{k}",
                "solution": "S99" if r.random() < 0.05 else solution["id"],
                "hosting": r.choice(solution["hosting"]) if same else None,
                "porteur": members[0],
                "members": members + gone,
            })  # fmt: skip
        return grappes

    # what must respect the rules is made with the judge ------------------------------------------------

    def draw_fixed(self, document: dict[str, Any]) -> None:
        wanted = [False] * self.has("fixed", 0.3) + [True] * self.has("extendable", 0.3)
        for extendable in wanted:
            found = self.fixed_grappe(read_instance(document), extendable)
            if found is None:
                continue
            fixed = [*document["constraints"].get("fixed_grappes", []), found]
            trial = {**document, "constraints": {**document["constraints"], "fixed_grappes": fixed}}
            instance = read_instance(trial)
            if not fixed_grappe_problems(instance, scale_for(instance.regime, instance.parameters.readings)):
                document["constraints"]["fixed_grappes"] = fixed

    def fixed_grappe(self, instance: Instance, extendable: bool) -> dict[str, Any] | None:
        """Members that one type and one porteur suit, each of them free to move alone."""
        r = self.random
        judge = Judge(instance, scale_for(instance.regime, instance.parameters.readings))
        taken = set(judge.ties.fixed_of)
        free = [e for e in instance.esms if e.id not in taken and judge.ties.moving_with(e.id) == {e.id}]
        r.shuffle(free)
        for porteur in [e for e in free if e.can_be_porteur][:20]:
            solution = r.choice(instance.solutions)
            modes: list[Hosting | None] = [None]
            if instance.parameters.same_hosting:
                modes = [*sorted(solution.hosting)]
            near = _nearest(free, porteur)
            hosting = r.choice(modes)
            grown = _grow(judge, porteur.id, solution.id, hosting, [e.id for e in near], extendable, r)
            if grown is not None:
                id_ = {"id": "F1" if extendable else r.choice(["F0", "P0"])} if r.random() < 0.6 else {}
                return id_ | grown
        return None

    def draw_budget(self, document: dict[str, Any]) -> None:
        if not self.has("budget", 0.3):
            return
        instance = read_instance(document)
        judge = Judge(instance, scale_for(instance.regime, instance.parameters.readings))
        fixed = sum(judge.funding(f.solution, f.members) for f in instance.constraints.fixed_grappes)
        per_esms = self.random.choice([4_000, 10_000, 25_000, 60_000])
        document["parameters"]["budget_eur"] = fixed + per_esms * len(instance.esms) + 750


def _nearest(esms: list[Esms], place: Esms) -> list[Esms]:
    """The 120 nearest, roughly."""
    return sorted(esms, key=lambda e: (e.lat - place.lat) ** 2 + (e.lon - place.lon) ** 2)[:120]


def _grow(
    judge: Judge,
    porteur: str,
    solution: str,
    hosting: Hosting | None,
    free: list[str],
    extendable: bool,
    r: Random,
) -> dict[str, Any] | None:
    """A fixed grappe of this porteur, grown one ESMS at a time; None when it stays too small."""
    members = [porteur]
    for id_ in [None, *free]:
        if id_ == porteur:
            continue
        tried = members if id_ is None else [*members, id_]
        broken = judge.grappe_violations(Grappe("new", solution, hosting, porteur, tuple(sorted(tried))))
        rules = {v.rule for v in broken} - {Rule.CENTRE}
        if id_ is None and rules - {Rule.SIZE}:
            return None
        if rules <= {Rule.SIZE}:
            members = tried
        if not rules or (extendable and len(members) >= 2 and r.random() < 0.5):
            return {
                "solution": solution,
                "hosting": hosting if hosting is None else hosting.value,
                "porteur": porteur,
                "members": members,
                "extendable": extendable,
            }
    return None


def draw_instance(seed: int, esms_count: int, regime: str, **features: Any) -> dict[str, Any]:
    """An instance of 20 to some thousands of ESMS."""
    departements = (1, 3) if esms_count < 300 else (3, 6)
    shape = Shape(esms_count, departements, 5, (3, 7), 0.25, 0.55, small_sizes=False)
    return Draft(seed, regime, shape, features).document()


def tiny_instance(seed: int, **features: Any) -> dict[str, Any]:
    """An instance of 5 to 10 ESMS in which grappes of two or three can be formed."""
    r = Random(seed)
    regime = r.choice(list(Regime)).value
    departements = (1, 1) if r.random() < 0.7 else (2, 2)
    open_minded = r.choice([0.6, 0.8, 0.9])
    shape = Shape(
        r.randint(5, 10), departements, r.choice([1, 2, 3]), (2, 3), 0.06, open_minded, small_sizes=True
    )
    return Draft(seed, regime, shape, features).document()


def tiny_instances() -> st.SearchStrategy[dict[str, Any]]:
    """Tiny instances by seed, so that a failure names a number."""
    return st.integers(0, 10**6).map(tiny_instance)

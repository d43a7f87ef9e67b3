"""Kept instances, each with the best value and the best bound that anyone has found, and their proofs.

    python -m benchmarks.kept                      check all that is stored
    python -m benchmarks.kept --improve overseas-11 region-400 --time 60
    python -m benchmarks.kept --proposal PROPOSAL.json region-400

An instance is drawn again from its seed; its digest is stored, so that a draw that changed is noticed.
``benchmarks/best_known.json`` says the values, when and how each was found; ``kept/<name>.json.gz`` beside it
holds the grappes that reach the value and the certificate that proves the bound, so that both are checked
again, not believed. A value only goes up and a bound only down, after verification has accepted the whole
proposal. A bound by a solver's own proof is not taken: nobody can repeat it.

When to modify: another instance is worth keeping.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.regions import draw_region
from benchmarks.works import WORKS
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.scale import Scale
from solver.solve import solve
from solver.verify import verify
from solver.verify.certificate import read_certificate
from solver.verify.lots import lots_of
from solver.verify.survey import survey
from solver.verify.tree import recomputed_bound
from solver.vocabulary import Hosting

BEST_KNOWN = record.ROOT / "benchmarks" / "best_known.json"
PROOFS = record.ROOT / "benchmarks" / "kept"
FORMAT = "matchmaker-best-known/1"
_GRAPPE = ("id", "solution", "hosting", "porteur", "members")


@dataclass(frozen=True)
class Kept:
    """An instance without fixed grappes, drawn from a seed."""

    name: str
    draw: Callable[[], dict[str, Any]]

    def document(self) -> dict[str, Any]:
        return self.draw()

    @cached_property
    def question(self) -> tuple[Instance, Scale]:
        instance = read_instance(self.document())
        return instance, scale_for(instance.regime, instance.parameters.readings)


def _region(size: int) -> Callable[[], dict[str, Any]]:
    return lambda: draw_region(["76"], size, 1, max_radius_km=60.0)


def _kept(*given: Kept) -> dict[str, Kept]:
    return {one.name: one for one in given}


KEPT = _kept(
    *(Kept(f"overseas-{seed}", partial(WORKS["overseas"].draw, seed)) for seed in (11, 12, 13)),
    *(Kept(f"region-{size}", _region(size)) for size in (400, 1_000, 1_700, 3_200)),
)
SMALL = tuple(name for name in KEPT if name.startswith("overseas"))  # solved by the tests


@dataclass(frozen=True)
class Best:
    """``*_by``: the run that found it, in words, with its day."""

    digest: str
    esms: int
    value: int
    value_by: str
    bound: int
    bound_by: str


def best_known() -> dict[str, Best]:
    """What is stored, by name of the instance."""
    document = json.loads(BEST_KNOWN.read_text(encoding="utf-8"))
    if document["format"] != FORMAT:
        raise ValueError(f"{BEST_KNOWN}: not {FORMAT}")
    return {name: Best(**entry) for name, entry in document["instances"].items()}


def proof(name: str) -> dict[str, Any]:
    """``grappes`` that reach the stored value, ``certificate`` that proves the stored bound."""
    with gzip.open(PROOFS / f"{name}.json.gz", "rt", encoding="utf-8") as text:
        return dict(json.load(text))


def grappes_of(stored: Mapping[str, Any]) -> list[Grappe]:
    return [
        Grappe(g["id"], g["solution"], Hosting(g["hosting"]), g["porteur"], tuple(g["members"]))
        for g in stored["grappes"]
    ]


def value_of(kept: Kept, stored: Mapping[str, Any]) -> int:
    """What stored grappes are worth, by the judge. Raises ValueError when they break a rule."""
    judge = Judge(*kept.question)
    broken = judge.violations(grappes_of(stored))
    if broken:
        raise ValueError(f"{kept.name}: {broken[0]}")
    return judge.objective_value(grappes_of(stored))


def proves(kept: Kept, stored: Mapping[str, Any], bound: int) -> bool:
    """Whether the stored certificate proves ``bound``, priced again by verification."""
    certificate = read_certificate(stored["certificate"])
    if isinstance(certificate, list):
        raise ValueError(f"{kept.name}: {certificate[0]}")
    instance, scale = kept.question
    ground, judge = survey(lots_of(instance, scale)), Judge(instance, scale)
    found = recomputed_bound(ground, judge, certificate, frozenset())
    return found is not None and found.exact <= bound <= found.loose


def problems(name: str) -> list[str]:
    """What is wrong with what is stored about an instance."""
    best, kept, stored = best_known()[name], KEPT[name], proof(name)
    if record.digest(kept.document()) != best.digest:
        return [f"{name}: the draw is not the one that was kept"]
    found = []
    if best.value > best.bound:
        found.append(f"{name}: value {best.value} above the bound {best.bound}")
    if value_of(kept, stored) != best.value:
        found.append(f"{name}: its grappes are worth {value_of(kept, stored)}, not {best.value}")
    if not proves(kept, stored, best.bound):
        found.append(f"{name}: its certificate does not prove {best.bound}")
    return found


def improve(name: str, proposal: Mapping[str, Any], by: str) -> list[str]:
    """Keep what a proposal does better than what is known: the words of what it does.

    Raises ValueError when verification refuses it, or when it contradicts what is stored.
    """
    kept = KEPT[name]
    findings = verify(*kept.question, proposal).findings
    if findings:
        raise ValueError(f"{name}: refused by verification: {findings[0]}")
    known = best_known() if BEST_KNOWN.exists() else {}
    value, bound = proposal["objective_value"], proposal["certified_bound"]
    best = known.get(name)
    if best is None:
        document = kept.document()
        best = Best(record.digest(document), len(document["esms"]), 0, "", sys.maxsize, "")
        stored: dict[str, Any] = {}
    else:
        stored = proof(name)
        if value > best.bound or bound < best.value:
            raise ValueError(f"{name}: value {value} and bound {bound} contradict what is stored: {best}")
    done = []
    if value > best.value:
        done.append(f"value {best.value or 'none'} -> {value}")
        best = Best(**asdict(best) | {"value": value, "value_by": by})
        stored["grappes"] = [{key: g[key] for key in _GRAPPE} for g in proposal["grappes"]]
    if bound < best.bound:
        done.append(f"bound {best.bound if best.bound < sys.maxsize else 'none'} -> {bound}")
        best = Best(**asdict(best) | {"bound": bound, "bound_by": by})
        stored["certificate"] = proposal["certificate"]
    if done:
        _write(known | {name: best}, name, stored)
    return done


def _write(known: Mapping[str, Best], name: str, stored: Mapping[str, Any]) -> None:
    PROOFS.mkdir(exist_ok=True)
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    (PROOFS / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    document = {"format": FORMAT, "instances": {n: asdict(known[n]) for n in KEPT if n in known}}
    BEST_KNOWN.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Check what is stored, or make it better."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--improve", nargs="+", choices=list(KEPT), default=[])
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm", action="store_true", help="begin with the stored grappes")
    parser.add_argument("--proposal", nargs=2, metavar=("PROPOSAL", "NAME"))
    given = parser.parse_args()
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    if given.proposal:
        path, name = given.proposal
        words = f"{day}, a proposal file"
        print(name, improve(name, json.loads(Path(path).read_text(encoding="utf-8")), words) or "no better")
        return
    for name in given.improve:
        busy = record.Busy()
        proposal = solve(
            *KEPT[name].question,
            time_limit_s=given.time,
            seed=given.seed,
            threads=given.threads,
            start=grappes_of(proof(name)) if given.warm else (),
        )
        load = busy.over(sum(os.times()[:4]))["load"]
        by = (
            f"{day}, {record.commit()}, solve of {given.time:g} s, {given.threads} threads, seed {given.seed}"
        )
        by += f"{', from the best known' if given.warm else ''}, load {load}"
        print(name, "; ".join(improve(name, proposal, by)) or "no better", flush=True)
    if not given.improve:
        wrong = [line for name in best_known() for line in problems(name)]
        print("\n".join(wrong) or f"{len(best_known())} instances: every value and every bound holds")
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

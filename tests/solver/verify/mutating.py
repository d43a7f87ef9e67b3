"""Places of a document, what else could stand there, and whether verification sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from solver.document import ProposalProblems
from solver.verify import Finding, verify
from tests.solver.verify.proving import read

Document = dict[str, Any]
Path = tuple[str | int, ...]

# Paths (list places as *) that state nothing about the proposal: their value may change, not their type.
FREE = {
    "wall_time_s", "seed", "threads", "solver.*",
    "grappes.*.id",  # a name, where no previous or fixed grappe has it and no change joins it
    "changes_complete", "departures_complete",  # whether more was sought
    "unplaced.*.detail.loss_eur",  # an estimate from above
}  # fmt: skip


def findings(document: Document, proposal: Document) -> list[Finding]:
    instance, scale = read(document)
    return list(verify(instance, scale, json.loads(json.dumps(proposal))).findings)


def caught(document: Document, proposal: Document) -> set[str]:
    """Names of the checks that fail; ``unusable`` when the file is no proposal any more."""
    try:
        return {f.check for f in findings(document, proposal)}
    except ProposalProblems:
        return {"unusable"}


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, itself left out; of a long list the first and the last."""
    if isinstance(value, dict):
        keys = list(value)
        for key in keys if len(keys) < 40 else [*keys[:3], *keys[-3:]]:
            yield (*path, key)
            yield from paths(value[key], (*path, key))
    elif isinstance(value, list):
        for k in sorted({0, len(value) - 1}) if value else ():
            yield (*path, k)
            yield from paths(value[k], (*path, k))


def name_of(path: Path) -> str:
    """The path with list places, ids and places in the tree left out."""
    words = ["*" if isinstance(p, int) else p for p in path]
    if words[0] == "certificate":
        words = [w for w in words[:-1] if w not in ("low", "high", "out", "in", "parts", "*")] + words[-1:]
    ids = {"lots", "identities", "by_region", "solver"}
    return ".".join("*" if k and words[k - 1] in ids else w for k, w in enumerate(words))


def one_of_each(document: Any) -> list[Path]:
    """The first place of each name."""
    first: dict[str, Path] = {}
    for path in paths(document):
        first.setdefault(name_of(path), path)
    return list(first.values())


def at(document: Any, path: Path) -> Any:
    for p in path:
        document = document[p]
    return document


def another(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value + 0.01
        case str():
            return value + "x"
        case None:
            return "x"
        case _:
            return None


def is_free(name: str) -> bool:
    return any(name == free or (free.endswith(".*") and name.startswith(free[:-1])) for free in FREE)

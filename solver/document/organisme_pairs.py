"""``apart`` and ``together``: pairs of organismes, and what they may not say at once.

When to modify: pairs may say something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solver.document.fields import Fields
from solver.document.problems import ProblemLog, shown
from solver.instance import Organisme

Pairs = tuple[tuple[str, str], ...]


def read_pairs(log: ProblemLog, fields: Fields, organismes: Mapping[str, Organisme]) -> tuple[Pairs, Pairs]:
    """``(apart, together)``; a pair both apart and together, be it through a chain, is told at ``apart``."""
    apart = _pairs(log, fields, "apart", organismes)
    together = _pairs(log, fields, "together", organismes)
    chain = chains(pair for _, pair in together)
    for place, (one, other) in apart:
        if one in chain and chain[one] == chain.get(other):
            fields.refuse_item("apart", place, f"{shown(one)} and {shown(other)} are also together")
    return tuple(pair for _, pair in apart), tuple(pair for _, pair in together)


def chains(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each organisme of the pairs -> one of its chain, the same for all of the chain."""
    head: dict[str, str] = {}

    def find(id_: str) -> str:
        head.setdefault(id_, id_)
        while head[id_] != id_:
            head[id_] = id_ = head[head[id_]]
        return id_

    for one, other in pairs:
        head[find(one)] = find(other)
    return {id_: find(id_) for id_ in list(head)}


def _pairs(
    log: ProblemLog, fields: Fields, key: str, organismes: Mapping[str, Organisme]
) -> list[tuple[int, tuple[str, str]]]:
    found = []
    for place, value in enumerate(fields.items(key) if key in fields else ()):
        path = f"constraints.{key}[{place}]"
        if not isinstance(value, list | tuple) or len(value) != 2:
            count = f" of {len(value)}" if isinstance(value, list | tuple) else ""
            log.add(path, f"{shown(value)}{count} is not a pair of organismes")
            continue
        sound = True
        for side, id_ in enumerate(value):
            if not isinstance(id_, str) or not id_:
                log.add(f"{path}[{side}]", f"{shown(id_)} is not the id of an organisme")
                sound = False
            elif id_ not in organismes:
                log.add(f"{path}[{side}]", f"{shown(id_)} is unknown")
                sound = False
        if not sound:
            continue
        if value[0] == value[1]:
            log.add(path, f"a pair of {shown(value[0])} with itself")
        else:
            found.append((place, (value[0], value[1])))
    return found

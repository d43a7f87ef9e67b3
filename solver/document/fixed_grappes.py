"""``constraints.fixed_grappes``: what the document alone shows of them; the judge says the rest.

When to modify: fixed grappes gain a key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from solver.document.fields import Fields
from solver.document.parameters import LARGEST_REGIONAL_SIZE
from solver.document.problems import ProblemLog, shown
from solver.instance import DuiSolution, Esms, FixedGrappe, Parameters
from solver.vocabulary import Hosting, Need, Regime

_KNOWN = frozenset({"id", "solution", "hosting", "porteur", "members", "extendable"})


def read_fixed(
    log: ProblemLog,
    constraints: Fields,
    solutions: Mapping[str, DuiSolution],
    esms: Mapping[str, Esms],
    excluded: frozenset[str],
    parameters: Parameters,
    regime: Regime | None,
) -> tuple[FixedGrappe, ...]:
    """The fixed grappes; what breaks a rule is told at ``constraints.fixed_grappes[i]``."""
    if "fixed_grappes" not in constraints:
        return ()
    found = []
    ids: set[str] = set()
    owner: dict[str, int] = {}
    sizes = Counter((e.organisme, e.lot) for e in esms.values() if e.lot is not None)
    most = _most(parameters, regime)
    for place, value in enumerate(constraints.items("fixed_grappes")):
        path = f"constraints.fixed_grappes[{place}]"
        fields = Fields.of(log, value, path, _KNOWN)
        if fields is None:
            continue
        grappe = _fixed(fields, solutions, esms, parameters)
        if grappe.id is not None and grappe.id in ids:
            fields.refuse("id", f"{shown(grappe.id)} is given more than once")
        ids.update({grappe.id} if grappe.id is not None else ())
        for message in _faults(grappe, esms, excluded, sizes, most):
            log.add(path, message)
        for id_ in grappe.members:
            if owner.setdefault(id_, place) != place:
                log.add(path, f"{shown(id_)} is also in constraints.fixed_grappes[{owner[id_]}]")
        found.append(grappe)
    return tuple(found)


def _fixed(
    f: Fields, solutions: Mapping[str, DuiSolution], esms: Mapping[str, Esms], parameters: Parameters
) -> FixedGrappe:
    solution, porteur = f.word("solution", "the id of a solution"), f.word("porteur", "the id of an ESMS")
    if solution and solution not in solutions:
        f.refuse("solution", f"{shown(solution)} is unknown")
    if porteur and porteur not in esms:
        f.refuse("porteur", f"{shown(porteur)} is unknown")
    hosting: Hosting | None = None
    if f.raw("hosting") is not None:
        hosting = f.choice("hosting", Hosting)
    elif "hosting" in f and parameters.same_hosting:
        f.refuse("hosting", "null: a mode is due unless same_hosting is false")
    return FixedGrappe(
        id=f.optional_word("id", "an id"),
        solution=solution,
        hosting=hosting if parameters.same_hosting else None,
        porteur=porteur,
        members=tuple(sorted(id_ for _, id_ in f.ids("members", esms, "the id of an ESMS"))),
        extendable=f.flag("extendable"),
    )


def _most(parameters: Parameters, regime: Regime | None) -> int | None:
    if parameters.max_size is not None:
        return parameters.max_size
    return None if regime is None or regime.is_national else LARGEST_REGIONAL_SIZE


def _faults(
    grappe: FixedGrappe,
    esms: Mapping[str, Esms],
    excluded: frozenset[str],
    lot_sizes: Mapping[tuple[str, str], int],
    most: int | None,
) -> list[str]:
    faults = []
    members = [esms[id_] for id_ in grappe.members]
    if grappe.porteur in esms and grappe.porteur not in grappe.members:
        faults.append(f"its porteur {shown(grappe.porteur)} is not one of its members")
    if most is not None and len(members) > most:
        faults.append(f"{len(members)} members, more than the maximum of {most}")
    faults += [f"{shown(e.id)} is excluded" for e in members if e.id in excluded]
    faults += [f"{shown(e.id)} has no need" for e in members if e.need is Need.AUCUN]
    inside = Counter((e.organisme, e.lot) for e in members if e.lot is not None)
    for key, count in inside.items():
        if count < lot_sizes[key]:
            faults.append(f"holds {count} of the {lot_sizes[key]} ESMS of the lot {shown(key[1])}")
    return faults

"""``previous``: the grappes of an earlier proposal, reduced to what still exists.

When to modify: the grappes of a proposal gain a key.
"""

from __future__ import annotations

from collections.abc import Mapping

from solver.document.fields import Fields
from solver.document.problems import ProblemLog, shown
from solver.instance import DuiSolution, Esms, Grappe
from solver.vocabulary import Hosting

_FIGURES = frozenset({"size", "funding_eur", "lines", "by_region", "radius_km", "mean_distance_km"})
_KNOWN = frozenset({"id", "solution", "hosting", "porteur", "members"}) | _FIGURES


def read_previous(
    log: ProblemLog, root: Fields, solutions: Mapping[str, DuiSolution], esms: Mapping[str, Esms]
) -> tuple[Grappe, ...]:
    """Earlier grappes; their figures are not read.

    Ids that no longer exist are ignored: members that are gone leave their grappe, a grappe whose solution is
    gone is dropped. ``porteur`` is kept as it was, be it gone: nothing reads it but pages.
    """
    if root.is_null("previous"):
        return ()
    kept = []
    ids: set[str] = set()
    owner: dict[str, int] = {}
    for place, value in enumerate(root.items("previous")):
        fields = Fields.of(log, value, f"previous[{place}]", _KNOWN)
        if fields is None:
            continue
        id_ = fields.word("id", "an id")
        if id_ in ids:
            fields.refuse("id", f"{shown(id_)} is given more than once")
        ids.update({id_} if id_ else ())
        hosting = None if fields.raw("hosting") is None else fields.choice("hosting", Hosting)
        solution, porteur = fields.word("solution", "an id"), fields.word("porteur", "an id")
        members = fields.ids("members", None, "an id")
        for at, member in members:
            if owner.setdefault(member, place) != place:
                fields.refuse_item("members", at, f"{shown(member)} is also in previous[{owner[member]}]")
        if solution in solutions:
            present = tuple(sorted(member for _, member in members if member in esms))
            kept.append(Grappe(id_, solution, hosting, porteur, present))
    return tuple(kept)

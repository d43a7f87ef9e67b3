"""What a map draws: compact rows of numbers and words, the same ESMS as the list beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from matchmaker.proposals import wording
from matchmaker.proposals.listing import Item
from matchmaker.proposals.plan import Grappe, Plan


def points(plan: Plan, found: Sequence[Item], url_of: Callable[[Grappe], str]) -> bytes:
    """The JSON of a map.

    Returns
    -------
    bytes
        ``points``: ``[lat, lon, status, name, words, grappe or -1, approximate]``, status ``place``,
        ``porteur``, ``iso`` or ``nsp``; ``grappes``: name, address and position of the porteur of each grappe
        (null when it has no point), to which members are tied; ``departements``: unplaced ESMS by code.
    """
    rank = {g.id: i for i, g in enumerate(plan.grappes)}
    rows = [_row(item, rank) for item in found]
    used = {row[5] for row in rows}
    grappes = [
        {"name": g.id, "url": url_of(g), "porteur": [g.porteur.lat, g.porteur.lon]} if i in used else None
        for i, g in enumerate(plan.grappes)
    ]
    unplaced = Counter(item.esms.departement for item in found if item.situation == "iso")
    body = {"points": rows, "grappes": grappes, "departements": dict(sorted(unplaced.items()))}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _row(item: Item, rank: dict[str, int]) -> list[Any]:
    e, grappe = item.esms, item.grappe
    status, words, place = item.situation, "", -1
    if grappe is not None:
        is_porteur = e.id == grappe.porteur.id
        status = "porteur" if is_porteur else "place"
        words = f"Porteur de {grappe.id}" if is_porteur else f"Placé par ce plan dans {grappe.id}"
        place = rank[grappe.id]
    elif item.unplaced is not None:
        words = f"Non placé : {wording.REASONS[item.unplaced.reason][0]}"
    return [e.lat, e.lon, status, e.name, words, place, int(e.position_origin == "commune")]

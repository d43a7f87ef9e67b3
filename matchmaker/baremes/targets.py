"""Use targets: what a project must show before its last payment.

When to modify: a call measures something in a shape not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchmaker.baremes.citations import Citation, Known
from matchmaker.baremes.quotes import says_count, says_share
from matchmaker.baremes.strict_toml import Table


class Group(StrEnum):
    """National services (MSSanté, DMP…) or the DUI itself."""

    SOCLES = "socles"
    DUI = "dui"


class Share(StrEnum):
    """Of what a target is a share: persons accompanied, or active files."""

    PERSONS = "personnes"
    ACTIVE_FILES = "dossiers_actifs"


@dataclass(frozen=True, slots=True)
class UseTarget:
    """``percent`` None: measured without a value to reach. ``first_months``: months of the first measure.

    ``choose``: in its group, how many indicators a project must choose and value (None: all of them).
    """

    id: str
    label: str
    rule: str
    regimes: frozenset[str]
    group: Group
    counted: str
    share_of: Share | None
    percent: int | None
    first_months: int
    choose: int | None
    citations: tuple[Citation, ...]


def read_target(table: Table, known: Known) -> UseTarget | None:
    """One ``[[cible]]``: its percentage and its number to choose must stand in its citations."""
    rule = known.rule(table)
    citations = known.citations(table, rule)
    percent = table.positive("percent") if table.has("percent") else None
    choose = table.positive("choose") if table.has("choose") else None
    first = table.positive("first_months") if table.has("first_months") else 1
    if percent and not any(says_share(c.quote, percent) for c in citations):
        table.problem("percent", f"aucune citation ne contient {percent} %")
    if choose and not any(says_count(c.quote, choose) for c in citations):
        table.problem("choose", f"aucune citation ne contient {choose}")
    if first > 1 and not any(says_count(c.quote, first) for c in citations):
        table.problem("first_months", f"aucune citation ne contient {first}")
    group = table.word("group", Group)
    target_id, label, counted = table.text("id"), table.text("label"), table.text("counted")
    share_of = table.word("share_of", Share) if table.has("share_of") else None
    regimes = known.calls_of(table)
    table.close()
    if group is None:
        return None
    return UseTarget(
        target_id, label, rule, regimes, group, counted, share_of, percent, first, choose, citations
    )

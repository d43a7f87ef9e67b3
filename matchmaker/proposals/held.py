"""What the campaign of a plan holds of it for its next runs.

When to modify: a plan can hold back the next runs in another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.campaigns import campaign, fixed_grappes, keeping_grappes
from matchmaker.campaigns.fixed_grappes import FixedGrappe
from matchmaker.campaigns.keeping_grappes import Reference
from matchmaker.proposals import publishing
from matchmaker.proposals.keeping import Kept
from matchmaker.web.access import may_manage
from matchmaker.web.sessions import reading


@dataclass(frozen=True, slots=True)
class Held:
    """``open``: who reads may hold more: it is their campaign to run, and not archived.

    ``grappes``: id of the plan's grappe -> what the campaign keeps of it, from this plan or an earlier one.
    ``reference``: the plan that the next runs stay close to, this one or another; ``published``: the one that
    the OGs read.
    """

    open: bool
    grappes: Mapping[str, FixedGrappe]
    reference: Reference | None
    published: int | None = None


def held_of(kept: Kept) -> Held:
    """What is held of this plan; nothing of an imported one."""
    campaign_id = kept.summary.campaign_id
    if campaign_id is None:
        return Held(False, {}, None)
    with reading() as session:
        values = campaign.get(session, campaign_id)
        fixed = fixed_grappes.kept(session, campaign_id)
        reference = keeping_grappes.reference(session, campaign_id)
        read = publishing.published(session, campaign_id)
    home = {member.code: one for one in fixed for member in one.members}
    grappes = {}
    for g in kept.plan.grappes:
        one = home.get(g.porteur.id)
        if one is not None and {m.code for m in one.members} <= {e.id for e in g.members}:
            grappes[g.id] = one
    return Held(
        may_manage() and values.archived_at is None, grappes, reference, read.number if read else None
    )

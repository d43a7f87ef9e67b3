"""Projects to evaluate: by hand in one line, and drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.projet import Membre, Organisme, Projet
from solver.vocabulary import Champ

R21, R22, N22, N21 = (
    "amorcage-2021",
    "generalisation-2022",
    "generalisation-2022-national",
    "amorcage-2021-national",
)
ACQ, RENEW, MV, GEN, SUPP, NONE = (
    FundedNeed.ACQUISITION,
    FundedNeed.RENOUVELLEMENT,
    FundedNeed.MONTEE_DE_VERSION,
    FundedNeed.GENERALISATION,
    FundedNeed.SUPPLEMENTS,
    FundedNeed.AUCUN,
)

# (count, need, champ, organisme, esms_total[, region])
Group = tuple[int, FundedNeed, Champ, str, int] | tuple[int, FundedNeed, Champ, str, int, str]


def projet(
    regime: str,
    *groups: Group,
    referenced: bool = True,
    readings: Mapping[str, str] | None = None,
    **more: Any,
) -> Projet:
    """``projet(R22, (15, ACQ, Champ.PA, "a", 15))``; région 76 unless a group says."""
    members: list[Membre] = []
    organismes: dict[str, Organisme] = {}
    member_fields = more.pop("member", {})
    for count, need, champ, og, total, *place in groups:
        organismes[og] = Organisme(og, og, total)
        region = str(place[0]) if place else "76"
        members += [
            Membre(f"e{len(members) + i:04}", og, champ, need, region, **member_fields) for i in range(count)
        ]
    return Projet(regime, tuple(members), organismes, referenced, readings=dict(readings or {}), **more)


def groups(
    needs: tuple[FundedNeed, ...] = (ACQ, RENEW, MV), regions: tuple[str, ...] = ("76", "27", "06")
) -> st.SearchStrategy[list[Group]]:
    """Up to five organismes of 1 to 12 members each, small or not."""
    one = st.tuples(
        st.integers(1, 12),
        st.sampled_from(needs),
        st.sampled_from(list(Champ)),
        st.integers(0, 20),
        st.sampled_from(regions),
    )
    return st.lists(one, min_size=1, max_size=5).map(
        lambda rows: [
            (count, need, champ, f"og{i}", count + more, region)
            for i, (count, need, champ, more, region) in enumerate(rows)
        ]
    )

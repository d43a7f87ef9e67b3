"""Windows of a call: who may deposit when, when it is answered, and which share of the credits it has.

When to modify: a call opens its windows to somebody by a criterion not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.baremes.citations import Citation, Known
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.quotes import says_day
from matchmaker.baremes.strict_toml import Table
from solver.vocabulary import Champ


@dataclass(frozen=True, slots=True)
class Window:
    """Days are inclusive; ``closes`` None: the documents give no end (then ``checked_on`` is compulsory).

    ``regions`` empty: all of them. ``multiregional`` None: whatever the project. ``credits_share``: (1, 3)
    for a third of the credits of the call. ``answer_by``, ``commitment_by``: when known.
    """

    id: str
    label: str
    rule: str
    regime: str
    regions: frozenset[str]
    needs: frozenset[FundedNeed]
    champs: frozenset[Champ]
    multiregional: bool | None
    when: Mapping[str, str]
    opens: date
    closes: date | None
    checked_on: date | None
    answer_from: date | None
    answer_by: date | None
    commitment_by: date | None
    credits_share: tuple[int, int] | None
    note: str | None
    citations: tuple[Citation, ...]

    def is_for(self, need: FundedNeed, champ: Champ, region: str, multiregional: bool) -> bool:
        return (
            need in self.needs
            and champ in self.champs
            and (not self.regions or region in self.regions)
            and self.multiregional in (None, multiregional)
        )


def read_window(table: Table, known: Known) -> Window | None:
    """One ``[[fenetre]]``: the days it opens and closes must stand in its citations."""
    rule = known.rule(table)
    citations = known.citations(table, rule)
    opens, closes = table.day("opens"), table.day("closes", required=False)
    regime = known.call(table)
    days = {key: table.day(key, required=False) for key in ("answer_from", "answer_by", "commitment_by")}
    for key, day in (("opens", opens), ("closes", closes), *days.items()):
        if day is not None and not any(says_day(c.quote, day) for c in citations):
            table.problem(key, f"aucune citation ne donne le {day:%d/%m/%Y}")
    if opens is not None and closes is not None and closes < opens:
        table.problem("closes", "la fin précède le début")
    share = table.share("credits_share")
    if share is not None and not any(f"{share[0]}/{share[1]}" in c.quote for c in citations):
        table.problem("credits_share", f"aucune citation ne contient {share[0]}/{share[1]}")
    window_id, label = table.text("id"), table.text("label")
    needs = table.words("needs", FundedNeed) if table.has("needs") else frozenset(FundedNeed)
    champs = table.words("champs", Champ) if table.has("champs") else frozenset(Champ)
    multiregional = table.flag("multiregional", False) if table.has("multiregional") else None
    when, regions = known.when(table), frozenset(table.texts("regions"))
    checked = table.day("checked_on", required=closes is None)
    note = table.text("note") if table.has("note") else None
    table.close()
    if opens is None or regime is None:
        return None
    return Window(
        id=window_id, label=label, rule=rule, regime=regime, regions=regions, needs=needs, champs=champs,
        multiregional=multiregional, when=when, opens=opens, closes=closes, checked_on=checked,
        answer_from=days["answer_from"], answer_by=days["answer_by"], commitment_by=days["commitment_by"],
        credits_share=share, note=note, citations=citations,
    )  # fmt: skip


def share_problems(windows: Sequence[Window]) -> list[str]:
    """Windows that share the credits of one call in one région must share them whole."""
    shared: dict[tuple[str, str], list[Window]] = {}
    for window in windows:
        if window.credits_share is not None:
            for region in window.regions:
                shared.setdefault((window.regime, region), []).append(window)
    problems = []
    for (regime, region), found in sorted(shared.items()):
        unique = {w.label: w.credits_share for w in found if w.credits_share is not None}
        whole = next(iter(unique.values()))[1]
        if any(of != whole for _, of in unique.values()) or sum(part for part, _ in unique.values()) != whole:
            problems.append(f"fenetres.toml: {regime}, région {region} : les parts ne font pas un tout")
    return problems

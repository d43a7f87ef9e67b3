"""SONS beside the grappe: what the State would pay each organisme's editor. In no total, ever.

When to modify: a wave of SONS is ordered or paid in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.exclusions import Covers
from matchmaker.baremes.rules import Rules
from matchmaker.baremes.sons_scale import SonsScale
from matchmaker.financement.appel import Appel
from matchmaker.financement.eligibilite import exclusion_of
from matchmaker.financement.partage import whole_shares
from matchmaker.financement.projet import Membre, Projet
from matchmaker.financement.trace import TraceLine, refused


@dataclass(frozen=True, slots=True)
class SonsOrder:
    """One order of an organisme, « perçu par l'éditeur »: one rate for all its ESMS, by its size.

    ``opens``: from which day it counts; ``announced``: the seasons announced for champs without a day.
    """

    organisme: str
    esms: tuple[str, ...]
    bracket: str
    unit_eur: int
    advance_eur: int
    balance_eur: int
    opens: date | None
    announced: tuple[str, ...]
    citations: tuple[Citation, ...]

    @property
    def amount_eur(self) -> int:
        return self.unit_eur * len(self.esms)


@dataclass(frozen=True, slots=True)
class Sons:
    orders: tuple[SonsOrder, ...]
    not_counted: tuple[TraceLine, ...]


def order_eur(rules: Rules, esms_total: int, ordered: int | None = None) -> int:
    """What an order of ``ordered`` ESMS (None: all) of an organisme of ``esms_total`` pays its editor.

    Not monotone in ``esms_total``: 5 ESMS bring less than 4.

    Raises
    ------
    ValueError
        The numbers are below 1, or more is ordered than there is.
    """
    count = esms_total if ordered is None else ordered
    if not 1 <= count <= esms_total:
        raise ValueError("an order has 1 ESMS or more, and no more than the organisme has")
    return count * _scale(rules).bracket_of(esms_total).eur


def sons_of(appel: Appel, projet: Projet) -> Sons:
    """The orders that the project's organismes could place, and the members that could not be in one."""
    scale = appel.rules.sons
    if scale is None or appel.call.id not in scale.regimes:
        return Sons((), ())
    by_organisme: dict[str, list[Membre]] = {}
    by_exclusion: dict[str, list[str]] = {}
    for membre in projet.members:
        exclusion = exclusion_of(appel, projet, membre, Covers.SONS)
        if exclusion is not None:
            by_exclusion.setdefault(exclusion.id, []).append(membre.id)
        elif _may_order(scale, projet, membre):
            by_organisme.setdefault(membre.organisme, []).append(membre)
    orders = tuple(_order(appel, scale, og, members, projet) for og, members in sorted(by_organisme.items()))
    lines = tuple(
        refused(appel.rules, e, by_exclusion[e.id], appel.readings)
        for e in appel.rules.exclusions
        if e.id in by_exclusion
    )
    return Sons(orders, lines)


def referencing_deadline(rules: Rules, ordered_on: date) -> date:
    """The last day for the complete referencing file of an order placed under that condition."""
    return ordered_on + timedelta(days=_scale(rules).referencing_days)


def _scale(rules: Rules) -> SonsScale:
    if rules.sons is None:
        raise LookupError("these rules have no SONS scale")
    return rules.sons


def _may_order(scale: SonsScale, projet: Projet, membre: Membre) -> bool:
    if not projet.referenced or membre.need not in scale.needs:
        return False
    return membre.category is None or membre.category in scale.categories


def _order(
    appel: Appel, scale: SonsScale, organisme: str, members: Sequence[Membre], projet: Projet
) -> SonsOrder:
    bracket = scale.bracket_of(projet.organismes[organisme].esms_total)
    waves = [scale.wave_of(m.champ, appel.readings) for m in members]
    opened = [w.opens for w in waves if w is not None and w.opens is not None]
    announced = tuple(sorted({w.announced for w in waves if w is not None and w.announced is not None}))
    amount = bracket.eur * len(members)
    parts = whole_shares(amount, {"a": scale.advance_percent, "b": scale.balance_percent})
    return SonsOrder(
        organisme=organisme,
        esms=tuple(m.id for m in members),
        bracket=bracket.name,
        unit_eur=bracket.eur,
        advance_eur=parts["a"],
        balance_eur=parts["b"],
        opens=max(opened, default=None),
        announced=announced,
        citations=scale.citations,
    )

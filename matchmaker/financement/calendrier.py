"""Windows and deadlines: by need, champ, région and multi-regionality of a project.

When to modify: a window is chosen by a criterion not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.baremes.citations import holds
from matchmaker.baremes.rules import Call, Level, Rules
from matchmaker.baremes.windows import Window
from matchmaker.financement.appel import Appel
from matchmaker.financement.projet import Membre, Projet


@dataclass(frozen=True, slots=True)
class Slot:
    """One period in which the whole project may be deposited, with the windows it is made of.

    ``closes`` None: the documents give no end.
    """

    windows: tuple[Window, ...]
    opens: date
    closes: date | None


@dataclass(frozen=True, slots=True)
class Calendrier:
    """``slots``: by opening day. ``deadline``: the last day of the last of them; None: unknown or none.

    ``known``: whether a document gives this région's calendar. ``multiregional``: as counted for the windows.
    """

    region: str
    multiregional: bool
    known: bool
    slots: tuple[Slot, ...]
    deadline: date | None
    status: str


def calendar_of(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> Calendrier:
    """Windows of the porteur's région that take every member's need and champ."""
    region = projet.home_region
    multiregional = len({m.region for m in kept}) > 1
    here = [
        w
        for w in appel.rules.windows
        if w.regime == appel.call.id
        and holds(w.when, appel.readings)
        and (not w.regions or region in w.regions)
    ]
    kinds = sorted({(m.need, m.champ) for m in kept})
    options = [[w for w in here if w.is_for(need, champ, region, multiregional)] for need, champ in kinds]
    slots = tuple(sorted(_slots(options), key=lambda s: s.opens)) if kinds else ()
    deadline = None
    if slots and all(s.closes is not None for s in slots):
        deadline = max(s.closes for s in slots if s.closes is not None)
    return Calendrier(
        region, multiregional, bool(here), slots, deadline, _status(bool(here), slots, projet.deposit)
    )


def calls_on(rules: Rules, day: date, size: int) -> tuple[Call, ...]:
    """Calls open on a day, those of the level that a project of that size belongs to first."""
    found = [call for call in rules.calls if call.is_open(day)]
    national_from = _national_from(rules, found)
    wanted = Level.NATIONAL if national_from is not None and size >= national_from else Level.REGIONAL
    return tuple(sorted(found, key=lambda call: (call.level is not wanted, call.in_force_from, call.id)))


def _national_from(rules: Rules, calls: Sequence[Call]) -> int | None:
    sizes = [
        version.limit
        for call in calls
        if call.level is Level.NATIONAL
        for measure, version in rules.in_force(call.id, {})
        if measure.bound is not None and measure.bound.value == "minimum_size"
    ]
    return min(sizes, default=None)


def _slots(options: Sequence[Sequence[Window]]) -> list[Slot]:
    """Periods common to one window of each kind; a window wholly inside the common period is one slot."""
    if not all(options):
        return []
    found: dict[tuple[date, date | None], Slot] = {}
    for window in options[0]:
        opens, closes = window.opens, window.closes
        taken = [window]
        for others in options[1:]:
            fitting = [w for w in others if _overlap(w, opens, closes)]
            if not fitting:
                break
            best = max(fitting, key=lambda w: (w.closes or date.max, w.id))
            opens = max(opens, best.opens)
            closes = min((d for d in (closes, best.closes) if d is not None), default=None)
            taken.append(best)
        else:
            unique = tuple({w.id: w for w in taken}.values())
            found.setdefault((opens, closes), Slot(unique, opens, closes))
    return list(found.values())


def _overlap(window: Window, opens: date, closes: date | None) -> bool:
    return window.opens <= (closes or date.max) and (window.closes or date.max) >= opens


def _status(known: bool, slots: Sequence[Slot], deposit: date | None) -> str:
    if not known:
        return "Le calendrier de cette région n’est pas dans les documents du service."
    if not slots:
        return "Aucune fenêtre de cet appel n’est ouverte à ce projet."
    if deposit is None:
        return _open_words(slots)
    if any(s.opens <= deposit <= (s.closes or date.max) for s in slots):
        return "Le dépôt est possible ce jour-là."
    following = [s.opens for s in slots if s.opens > deposit]
    if following:
        return f"La fenêtre ouvre le {min(following):%d/%m/%Y}."
    last = max(s.closes for s in slots if s.closes is not None)
    return f"La dernière fenêtre s’est fermée le {last:%d/%m/%Y}."


def _open_words(slots: Sequence[Slot]) -> str:
    last = slots[-1]
    end = "sans date de fin connue" if last.closes is None else f"jusqu’au {last.closes:%d/%m/%Y}"
    return f"Dépôt à partir du {slots[0].opens:%d/%m/%Y}, {end}."

"""What the engine says of the grappes of a plan: each amount with its trace, and what is not counted.

The amounts of a plan are those of its document. The engine explains each, under the readings that the plan
took, and says when it would count otherwise.

When to modify: a reader of a grappe must know something more of its money.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from threading import Lock

from matchmaker.baremes.citations import holds
from matchmaker.baremes.rules import Contradiction, Option, Rules
from matchmaker.baremes.scales import shipped_rules
from matchmaker.baremes.windows import Window
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.grappes import projets_of
from matchmaker.financement.lectures import readings_of
from matchmaker.financement.projet import Projet
from matchmaker.financement.sensibilite import Sensibilite, sensitivity
from matchmaker.financement.trace import Standing, TraceLine, of_proposal_line
from matchmaker.proposals import keeping
from matchmaker.proposals.keeping import Kept
from matchmaker.proposals.plan import Esms, Grappe, Line, Plan
from matchmaker.web.sessions import reading
from solver.document import read_instance
from solver.instance import Grappe as Formed
from solver.instance import Instance
from solver.vocabulary import Hosting

_REMEMBERED = 4


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line of the plan. ``trace`` None: these rules know no such amount (a plan of another edition).

    ``members``: the ESMS it is for; empty for an aid of the whole grappe, or when they cannot be told.
    """

    line: Line
    trace: TraceLine | None
    members: tuple[Esms, ...]


@dataclass(frozen=True)
class GrappeFunding:
    """``resultat``: the grappe by the engine. ``lines``: those of the plan, in its order."""

    grappe: Grappe
    resultat: Resultat
    lines: tuple[TracedLine, ...]

    @property
    def possible(self) -> tuple[TraceLine, ...]:
        return tuple(x for x in self.resultat.trace() if x.standing is Standing.POSSIBLE)

    @property
    def not_counted(self) -> tuple[TraceLine, ...]:
        """Of what the grappe itself would get; SONS has its own refusals."""
        found = (*self.resultat.montants.others, *self.resultat.refused)
        return tuple(x for x in found if x.standing is Standing.NOT_COUNTED)

    @property
    def delta_eur(self) -> int:
        """What the engine counts more (or less) than the plan; 0 unless a reading or the rules differ."""
        return self.resultat.granted_eur - self.grappe.funding_eur


@dataclass(frozen=True)
class Book:
    """A plan as projects of the engine, by grappe. ``readings``: of every contradiction, as the plan took
    them."""

    rules: Rules
    instance: Instance
    plan: Plan
    readings: Mapping[str, str]
    projets: Mapping[str, Projet]

    def of(self, grappe: Grappe, signature: date | None = None, months: int | None = None) -> GrappeFunding:
        """One grappe; ``signature`` of the convention and ``months`` to the end date its payments."""
        projet = replace(self.projets[grappe.id], signature=signature, duration_months=months)
        resultat = evaluate(self.rules, projet)
        return GrappeFunding(grappe, resultat, tuple(self._lines(grappe, resultat)))

    def windows(self, funding: GrappeFunding) -> list[tuple[Window, int]]:
        """Windows of the porteur's région, each with how many members of the grappe it takes."""
        calendrier = funding.resultat.calendrier
        region, multiregional = calendrier.region, calendrier.multiregional
        found = []
        for window in self.rules.windows:
            here = window.regime == self.plan.regime and (not window.regions or region in window.regions)
            if here and holds(window.when, self.readings):
                kept = funding.resultat.kept
                count = sum(1 for m in kept if window.is_for(m.need, m.champ, region, multiregional))
                found.append((window, count))
        return sorted(found, key=lambda pair: (-pair[1], pair[0].opens, pair[0].id))

    def all(self) -> Iterator[GrappeFunding]:
        """Every grappe, in the order of the plan."""
        return (self.of(grappe) for grappe in self.plan.grappes)

    def taken(self) -> tuple[tuple[Contradiction, Option], ...]:
        """The readings that concern the plan's call, by number, each with the option taken."""
        found = (c for c in self.rules.contradictions if c.variant and self.plan.regime in c.regimes)
        return tuple(
            (c, next(o for o in c.options if o.id == self.readings[c.id]))
            for c in sorted(found, key=lambda c: c.id)
        )

    @cached_property
    def sensitivity(self) -> Sensibilite:
        """The plan under each reading that it did not take; computed once."""
        return sensitivity(self.rules, self.instance, self.formed())

    def formed(self) -> tuple[Formed, ...]:
        """The grappes of the plan as the solver has them."""
        return tuple(_formed(grappe) for grappe in self.plan.grappes)

    def _lines(self, grappe: Grappe, resultat: Resultat) -> Iterator[TracedLine]:
        """The engine's own line where it has the same; it knows the members and the assumptions."""
        engine = {(x.code, x.unit_eur, x.quantity): x for x in resultat.montants.lines}
        for line in grappe.lines:
            trace = engine.get((line.code, line.unit_eur, line.quantity)) or self._known(line)
            members = () if trace is None else tuple(self.plan.esms[i] for i in trace.members)
            yield TracedLine(line, trace, members)

    def _known(self, line: Line) -> TraceLine | None:
        """The line under the plan's readings, else under those that the search knew."""
        asked = {
            "code": line.code,
            "unit_eur": line.unit_eur,
            "quantity": line.quantity,
            "reference": {"quote": line.quote},
        }
        for readings in (self.readings, {k: self.readings[k] for k in ("K01", "K07", "K10")}):
            found = of_proposal_line(self.rules, self.plan.regime, readings, asked)
            if found is not None:
                return found
        return None


def book_of(kept: Kept) -> Book:
    """The plan by the engine; what was read of it is remembered."""
    known = _memory.get(kept.sha256)
    if known is None:
        with reading() as session:
            instance, _ = keeping.documents(session, kept.summary.number)
        known = book(kept.plan, read_instance(instance))
        _memory.put(kept.sha256, known)
    return known


def book(plan: Plan, instance: Instance) -> Book:
    """The plan and its question as projects of the engine."""
    rules = shipped_rules()
    readings = readings_of(rules, instance)
    formed = [_formed(grappe) for grappe in plan.grappes]
    return Book(rules, instance, plan, readings, projets_of(instance, formed, readings=readings))


def _formed(grappe: Grappe) -> Formed:
    hosting = None if grappe.hosting is None else Hosting(grappe.hosting)
    members = tuple(e.id for e in grappe.members)
    return Formed(grappe.id, grappe.solution.id, hosting, grappe.porteur.id, members)


class _Memory:
    """The last few plans, by digest; safe between the threads of the server."""

    def __init__(self) -> None:
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> Book | None:
        with self._lock:
            found = self._books.get(digest)
            if found is not None:
                self._books.move_to_end(digest)
            return found

    def put(self, digest: str, made: Book) -> None:
        with self._lock:
            self._books[digest] = made
            while len(self._books) > _REMEMBERED:
                self._books.popitem(last=False)


_memory = _Memory()

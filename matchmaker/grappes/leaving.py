"""What leaving a grappe would cost, said before: members left, distance to the minimum, money lost.

When to modify: a departure has another consequence.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.grappes.checks import judged
from matchmaker.grappes.money import money_of, total_eur
from matchmaker.grappes.rooms import Room
from matchmaker.partners.question import Question


@dataclass(frozen=True, slots=True)
class Departure:
    """``esms``: those that would leave; ``left``: ESMS that stay; ``below``: how many under the minimum.

    Whole euros, indicative maxima of the grappe: nothing once it falls under the minimum it had reached;
    while it had not, what it could get with as many others as are missing. ``own_eur``: of it, what comes
    with the ESMS that would leave. ``closes``: nobody would be left in it. ``porteur_lost``: the suggested
    porteur leaves.
    """

    esms: int
    left: int
    organismes_left: int
    minimum: int
    below: int
    own_eur: int
    before_eur: int
    after_eur: int
    closes: bool
    porteur_lost: bool

    @property
    def lost_eur(self) -> int:
        return self.before_eur - self.after_eur


def departure(question: Question, room: Room, organisme: int) -> Departure:
    """The departure of an organisme that is in the grappe."""
    rest = tuple(sorted(code for s in room.accepted if s.organisme != organisme for code in s.esms))
    now_ = judged(question, room.solution, room.hosting, room.members, room.declined, remedies=False)
    then = judged(question, room.solution, room.hosting, rest, room.declined, remedies=False)
    seat = room.seat(organisme)
    gone = () if seat is None else seat.esms
    mine = [code for code in gone if code in question.instance.esms_by_id]
    money = money_of(question, room.solution, room.members, mine) if mine and not now_.away else None
    return Departure(
        esms=len(gone),
        left=len(rest),
        organismes_left=sum(1 for s in room.accepted if s.organisme != organisme),
        minimum=then.minimum,
        below=then.missing,
        own_eur=0 if money is None else money.mine_eur,
        before_eur=total_eur(question, room.solution, room.members),
        after_eur=0 if then.missing and not now_.missing else total_eur(question, room.solution, rest),
        closes=not rest,
        porteur_lost=now_.porteur is not None and now_.porteur in gone,
    )

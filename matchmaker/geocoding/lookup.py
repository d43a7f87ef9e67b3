"""Place many addresses: those never asked go to the service, and every answer is kept.

Answers are written by small groups, so that an interrupted lookup is taken up where it stopped; the database
is never held while the service is asked.

When to modify: when to give up, or how often to write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field

from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.geocoding import cache
from matchmaker.geocoding.addresses import Address
from matchmaker.geocoding.service import Answer, GeocodingService, ServiceFailedError
from matchmaker.geocoding.tables import GeocodedAddress

_GROUP = 50
_FAILURES_IN_A_ROW = 3

STOPPED = {
    "rate": "le service demande de ralentir (trop de requêtes)",
    "service": "le service ne répond pas ou répond par une erreur",
    "query": "le service refuse les demandes",
    "unreadable": "le service répond de façon illisible",
}


@dataclass(slots=True)
class Lookup:
    """What came of it: ``known`` were in the cache, ``outcomes`` counts the answers, ``stopped`` why it ended
    early (French), with ``left`` addresses not asked."""

    known: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    left: int = 0
    stopped: str = ""


def locate_all(
    database: Database,
    service: GeocodingService,
    addresses: Iterable[Address],
    progress: Callable[[int, int], None] | None = None,
) -> Lookup:
    """Ask the service for every address not yet known. Its failures are counted and never kept.

    After three failures in a row the rest is left for another time. ``progress(done, total)`` is called
    after each group of 50.
    """
    by_key: dict[str, Address] = {}
    for address in addresses:
        by_key.setdefault(address.key, address)
    waiting = list(by_key.values())
    result = Lookup()
    in_a_row = 0
    for start in range(0, len(waiting), _GROUP):
        group = waiting[start : start + _GROUP]
        with database.reading() as session:
            known = cache.answers(session, [address.key for address in group])
        result.known += len(known)
        answers: list[tuple[Address, Answer]] = []
        for address in group:
            if address.key in known:
                continue
            if result.stopped:
                result.left += 1
                continue
            try:
                answer = service.locate(address)
            except ServiceFailedError as error:
                result.failed += 1
                in_a_row += 1
                if in_a_row >= _FAILURES_IN_A_ROW:
                    result.stopped = STOPPED[error.kind]
                continue
            in_a_row = 0
            result.outcomes[answer.outcome] += 1
            answers.append((address, answer))
        _keep(database, service.url, answers)
        if progress:
            progress(start + len(group), len(waiting))
    return result


def _keep(database: Database, url: str, answers: Sequence[tuple[Address, Answer]]) -> None:
    if not answers:
        return
    with database.writing() as session:
        for address, answer in answers:
            # merge: another import may have asked for the same address meanwhile
            session.merge(GeocodedAddress(key=address.key, service=url, asked_at=now(), **asdict(answer)))

"""What an ESMS says besides its answer: read, and merged field by field when several people write at once.

The rule is that of ``campaigns.editing``: a field left as it was shown is never written; one that two people
changed to different values is a conflict, and stays as it is.

When to modify: the page of an OG's ESMS asks something that no run needs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker.campaigns.editing import Conflict, known
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.database.instants import now
from matchmaker.og.tables import EsmsDetail
from matchmaker.web.formats import nombre

MOST = 100_000  # people or devices of one ESMS
LONGEST_DUI, LONGEST_REMARK = 120, 1000


@dataclass(frozen=True, slots=True)
class Detail:
    """``current_typed``: its DUI in its own words; None: not said; see ``tables.EsmsDetail``."""

    current_typed: str = ""
    users: int | None = None
    devices: int | None = None
    trainees: int | None = None
    remark: str = ""


FIELDS = tuple(one.name for one in fields(Detail))
NUMBERS = ("users", "devices", "trainees")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sends, what it showed, and what of it cannot be read, with why (field -> sentence).

    ``insisted``: fields whose conflict was seen, with the other's value; ``given_up``: fields to leave;
    ``before``: what the page sent already without hearing what became of it.
    """

    detail: Detail
    shown: Detail
    unusable: Mapping[str, str]
    insisted: Mapping[str, object]
    given_up: Collection[str] = ()
    before: Sequence[Detail] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``detail``: what is kept now; ``shown``: what the page must carry from now on."""

    detail: Detail
    shown: Detail
    conflicts: Mapping[str, Conflict]
    problems: Mapping[str, str]


_OF_ORGANISME = (
    select(CampaignEsms.code, EsmsDetail)
    .join(EsmsDetail, EsmsDetail.esms_id == CampaignEsms.id)
    .where(CampaignEsms.organisme_id == bindparam("organisme"))
)


def of_organisme(session: Session, campaign_organisme_id: int) -> dict[str, Detail]:
    """Details of the ESMS of one organisme in a campaign, by code; one query."""
    rows = session.execute(_OF_ORGANISME, {"organisme": campaign_organisme_id})
    return {code: _read(row) for code, row in rows}


def of_esms(session: Session, esms_id: int) -> Detail:
    """Details of one ESMS, by the key of its row in the campaign."""
    row = session.get(EsmsDetail, esms_id)
    return Detail() if row is None else _read(row)


def save(session: Session, esms_id: int, typed: Typed) -> Outcome:
    """Write what can be written; the caller holds the row of the ESMS, so that nobody writes in between."""
    row = session.get(EsmsDetail, esms_id)
    kept = Detail() if row is None else _read(row)
    values: dict[str, str | int | None] = {}
    conflicts = {}
    for name in FIELDS:
        mine, held = getattr(typed.detail, name), getattr(kept, name)
        shown = known(kept, typed.shown, typed.before, name)
        if name in typed.given_up or name in typed.unusable or mine in (shown, held):
            continue
        if held == shown or (name in typed.insisted and typed.insisted[name] == held):
            values[name] = mine
        else:
            conflicts[name] = Conflict(held, mine)
    if values:
        _write(session, esms_id, row, values)
    merged = Detail(**(asdict(kept) | values))
    still = {name: getattr(typed.shown, name) for name in conflicts}
    return Outcome(merged, replace(merged, **still), conflicts, dict(typed.unusable))


def number_problem(text: str) -> str:
    """What is expected of a number typed as ``text``."""
    return f"Un nombre entier de 0 à {nombre(MOST)} est attendu : vous avez saisi « {text[:20]} »."


def text_of(value: object) -> str:
    """A value, or whole details, as a page carries them."""
    return json.dumps(asdict(value) if isinstance(value, Detail) else value, ensure_ascii=False)


def detail_of(text: str) -> Detail:
    """The details that a page carried; raises ``ValueError`` when the text is none of ``text_of``."""
    held = json.loads(text)
    if not isinstance(held, dict) or set(held) != set(FIELDS):
        raise ValueError("not details")
    return Detail(**held)


def _read(row: EsmsDetail) -> Detail:
    return Detail(row.current_typed, row.users, row.devices, row.trainees, row.remark)


def _write(
    session: Session, esms_id: int, row: EsmsDetail | None, values: Mapping[str, str | int | None]
) -> None:
    if row is None:
        row = EsmsDetail(esms_id=esms_id, current_typed="", remark="")
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = now()

"""What a source file says, one establishment at a time, before the register is compared with it.

A reader yields ``Item``: a record, a closed establishment, one that is no ESMS, or a refusal. A refusal never
stops the reading.

When to modify: a source states something more that the programme needs.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

FINESS = re.compile(r"[0-9][0-9A-Z][0-9]{7}")
FINESS_EXPECTED = "9 caractères : un chiffre, un chiffre ou une lettre, puis 7 chiffres"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing not taken. ``place``: « ligne 12 », « pmej[3].ege[1] »; the words are shown as they are."""

    place: str
    field: str
    value: str
    expected: str


@dataclass(frozen=True, slots=True)
class Record:
    """An open ESMS as a source states it.

    ``organisme_name`` None: the source does not state it. ``lat``, ``lon``: decimal degrees WGS 84, None when
    the source gives no position. ``address`` empty: not stated, or not to be kept.
    """

    place: str
    finess_et: str
    name: str
    organisme_key: str
    finess_ej: str | None
    organisme_name: str | None
    category: str
    champ: str
    medicalised: bool | None
    capacity: int | None
    address: str
    postal_code: str
    commune: str
    departement: str
    region: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Closed:
    """An establishment that the source says is closed; ``on`` None: no day given."""

    place: str
    finess_et: str
    on: dt.date | None


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """An establishment that is no ESMS of the programme, or outside the 18 régions."""

    place: str
    finess_et: str


Item = Record | Closed | OutOfScope | Refusal


def shown(value: object, limit: int = 80) -> str:
    """A refused value as one short line, whatever it was."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"

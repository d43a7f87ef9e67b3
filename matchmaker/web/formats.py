"""French numbers, dates and spaces, as the pages write them (design, section 11).

Thousands and units are parted by U+00A0, never by U+202F: the typeface has no glyph for the latter and
the fall-back made "5 277,5" read as "5277,5". Exports carry no separator and do not come through here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

NBSP = "\u00a0"
_NARROW = "\u202f"
_MINUS = "\u2212"
_LOCALE = "fr_FR"
_PARIS = ZoneInfo("Europe/Paris")
_HIGH_SIGN = re.compile(r" ([;?!])(?!=)")
_COLON = re.compile(r" :(?=[\s<{]|$)")

Number = int | float | Decimal


def nombre(value: Number | None, decimals: int = 0) -> str:
    """``5277.5, 1`` -> ``5 277,5``; None -> ``inconnu``; the minus sign is U+2212."""
    return "inconnu" if value is None else _grouped(value, decimals)


@lru_cache(maxsize=4096)
def _grouped(value: Number, decimals: int) -> str:
    """Pages write the same amounts again and again: a fifth of a page's time went to them."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(value, format=pattern, locale=_LOCALE)
    return text.replace(_NARROW, NBSP).replace("-", _MINUS)


def euros(value: Number | None) -> str:
    """Whole euros: ``166 000 €``."""
    return "inconnu" if value is None else f"{nombre(value)}{NBSP}€"


def keuros(value: Number | None) -> str:
    """Thousands of euros with one decimal, from euros: ``5277500`` -> ``5 277,5 k€``."""
    return "inconnu" if value is None else f"{nombre(Decimal(str(value)) / 1000, 1)}{NBSP}k€"


def signed(text_of: Callable[[Number], str], value: Number) -> str:
    """A change, its sign always written: ``+41 500 €``, ``−2 000 €``, ``0 €``."""
    return ("+" if value > 0 else "") + text_of(value)


def ecart_euros(value: Number) -> str:
    """A change in euros, signed."""
    return signed(euros, value)


def km(value: Number | None) -> str:
    """Whole kilometres as the crow flies: ``47 km``; under one: ``moins de 1 km``."""
    if value is None:
        return "inconnu"
    if 0 < value < 1:
        return f"moins de 1{NBSP}km"
    return f"{nombre(value)}{NBSP}km"


def pourcent(ratio: Number | None, decimals: int = 0) -> str:
    """A ratio as a percentage: ``0.019, 1`` -> ``1,9 %``."""
    return "inconnu" if ratio is None else f"{nombre(Decimal(str(ratio)) * 100, decimals)}{NBSP}%"


def _in_paris(value: dt.datetime) -> dt.datetime:
    """Moments are kept in UTC and shown in Paris time."""
    return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(_PARIS)


def day_of(moment: dt.datetime) -> dt.date:
    """The day it is in Paris at a moment: deadlines are counted in those."""
    return _in_paris(moment).date()


def date(value: dt.date | dt.datetime | None) -> str:
    """``10/06/2022``."""
    if value is None:
        return "inconnue"
    return format_date(_in_paris(value) if isinstance(value, dt.datetime) else value, "dd/MM/yyyy", _LOCALE)


def date_longue(value: dt.date | dt.datetime | None) -> str:
    """``vendredi 10/06/2022``."""
    if value is None:
        return "inconnue"
    moment = _in_paris(value) if isinstance(value, dt.datetime) else value
    return format_date(moment, "EEEE dd/MM/yyyy", _LOCALE)


def heure(value: dt.datetime | None) -> str:
    """``9 h 10``."""
    if value is None:
        return "inconnue"
    moment = _in_paris(value)
    return f"{moment.hour}{NBSP}h{NBSP}{moment.minute:02}"


def date_heure(value: dt.datetime | None) -> str:
    """``10/06/2022 à 9 h 10``."""
    return "inconnue" if value is None else f"{date(value)} à {heure(value)}"


def duree(seconds: Number | None) -> str:
    """``95`` -> ``1 min 35 s``; tenths under ten seconds: ``3,2 s``."""
    if seconds is None:
        return "inconnue"
    if seconds < 10:
        return f"{nombre(seconds, 1)}{NBSP}s"
    minutes, rest = divmod(round(float(seconds)), 60)
    if not minutes:
        return f"{rest}{NBSP}s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}{NBSP}h{NBSP}{minutes:02}"
    return f"{minutes}{NBSP}min" + (f"{NBSP}{rest}{NBSP}s" if rest else "")


def finess(value: str | None) -> str:
    """A FINESS number in threes: ``320 999 018``; anything else is given back as it is."""
    if value is None:
        return "inconnu"
    return f"{value[:3]}{NBSP}{value[3:6]}{NBSP}{value[6:]}" if re.fullmatch(r"\w{9}", value) else value


def pluriel(count: int, one: str, several: str | None = None) -> str:
    """``pluriel(3, "grappe")`` -> ``3 grappes``; zero takes the singular, as in French."""
    word = one if abs(count) < 2 else several or one + "s"
    return f"{nombre(count)}{NBSP}{word}"


def capitalize_first(text: str) -> str:
    """A capital at the start, the rest as it is (``capitalize`` would lower "SaaS")."""
    return text[:1].upper() + text[1:]


@lru_cache(maxsize=4096, typed=True)
def typographie(text: str) -> str:
    """French spaces: no-break before ``:`` and inside « », narrow no-break before ``; ? !``.

    Pages say the same sentences again and again. ``typed``: a text that is already HTML and the same text
    that is not are two.
    """
    text = text.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")
    return _COLON.sub(f"{NBSP}:", _HIGH_SIGN.sub(rf"{_NARROW}\1", text))


FILTERS: dict[str, Callable[..., Any]] = {
    "nombre": nombre,
    "euros": euros,
    "keuros": keuros,
    "ecart_euros": ecart_euros,
    "km": km,
    "pourcent": pourcent,
    "date": date,
    "date_longue": date_longue,
    "heure": heure,
    "date_heure": date_heure,
    "duree": duree,
    "finess": finess,
    "pluriel": pluriel,
    "typographie": typographie,
    "capitalize_first": capitalize_first,
}

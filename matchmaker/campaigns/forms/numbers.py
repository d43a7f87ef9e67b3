"""Numbers as people type them in French, and as they are shown back in the field."""

from __future__ import annotations

import math


def whole_number(text: str | None) -> int | str | None:
    """« 1 000 000 » -> 1000000, empty -> None; the text itself when it is not a whole number."""
    compact = "".join((text or "").replace("€", "").split())
    if not compact:
        return None
    return int(compact) if compact.isdecimal() and len(compact) <= 15 else (text or "").strip()


def decimal_number(text: str | None) -> float | int | str | None:
    """« 62,5 km » -> 62.5, empty -> None; the text itself when it is not a number."""
    compact = "".join((text or "").casefold().replace("km", "").split()).replace(",", ".")
    if not compact:
        return None
    try:
        value = float(compact)
    except ValueError:
        return (text or "").strip()
    if not math.isfinite(value):
        return (text or "").strip()
    return int(value) if value == int(value) else value


def french(value: float | int | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)

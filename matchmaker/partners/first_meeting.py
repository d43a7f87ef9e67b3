"""A first meeting of two partners, suggested: what to talk about, and a date to put in a calendar.

When to modify: what two organismes should settle first changes.
"""

from __future__ import annotations

import datetime as dt

AGENDA = (
    "Se présenter : vos ESMS, leurs publics, qui suit le projet.",
    "Où en est chacun : DUI actuel, échéances de contrat, besoin.",
    "La solution et l’hébergement que chacun peut accepter.",
    "Qui pourrait être porteur, et ce que cela demande.",
    "Ce qui manque pour atteindre le seuil, et qui d’autre inviter.",
    "La suite : une date, et qui fait quoi.",
)
LONG = dt.timedelta(minutes=45)


def suggested(day: dt.date) -> dt.datetime:
    """The second Tuesday to come, 10 h, local time: far enough ahead for two directions to find it free."""
    first = day + dt.timedelta(days=(1 - day.weekday()) % 7 or 7)
    return dt.datetime.combine(first + dt.timedelta(days=7), dt.time(10))


def calendar(title: str, at: dt.datetime, uid: str, stamp: dt.datetime) -> str:
    """An iCalendar file (RFC 5545) of one event in local time.

    Parameters
    ----------
    at
        Local time, without a zone: who opens it is in the same country as who wrote it.
    uid
        The same for the same meeting: opened twice, it replaces itself.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Matchmaker//Premier echange//FR",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{at:%Y%m%dT%H%M%S}",
        f"DTEND:{at + LONG:%Y%m%dT%H%M%S}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(chr(10).join(f'- {item}' for item in AGENDA))}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """At most 75 bytes a line, continued by a space, no character cut."""
    parts, part = [], b""
    for character in line:
        encoded = character.encode()
        if len(part) + len(encoded) > 74:
            parts.append(part)
            part = b" "
        part += encoded
    return [done.decode() for done in [*parts, part]]

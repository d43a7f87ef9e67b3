"""Of which day the shipped lists of establishments are, when they do not say it themselves.

When to modify: a shipped list of establishments is replaced.
"""

from __future__ import annotations

import datetime as dt

from matchmaker.reference import files


def snapshot_date_of(sha256: str) -> dt.date | None:
    """The day of the data of a shipped file, by the sum of its bytes; None for any other file."""
    for row in files.rows("dates.csv", frozenset({"sha256", "date_donnees"})):
        if row["sha256"] == sha256:
            return dt.date.fromisoformat(row["date_donnees"])
    return None

"""Reading the shipped lists: CSV (plain or gzip), UTF-8, with the columns the caller needs.

When to modify: a list is shipped in another shape.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

from matchmaker import shipped

FOLDER = shipped.DATA / "reference"

# Words by which the lists mark what nobody has checked against a second source.
_UNCHECKED = ("à confirmer", "non sourcé", "non recoupé")


class ReferenceFileError(Exception):
    """A shipped list is missing or damaged: the installation is incomplete, no user can mend it."""


def rows(name: str, columns: frozenset[str], folder: Path | None = None) -> Iterator[dict[str, str]]:
    """Yield the lines of ``data/reference/<name>`` as dictionaries.

    Raises
    ------
    ReferenceFileError
        The file cannot be read, or lacks one of ``columns``.
    """
    path = (folder or FOLDER) / name
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = columns - set(reader.fieldnames or ())
            if missing:
                raise ReferenceFileError(f"{path}: missing columns {', '.join(sorted(missing))}")
            yield from reader
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ReferenceFileError(f"{path}: {error}") from error


def is_checked(provenance: str) -> bool:
    """Whether a value with this provenance may be shown as a fact."""
    text = provenance.casefold()
    return bool(text) and not any(mark in text for mark in _UNCHECKED)

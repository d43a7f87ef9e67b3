"""A file handed to an import: what it is, before anything of it is believed.

When to modify: a source comes in another container or encoding.
"""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

_CHUNK = 1 << 20
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")


class UnusableFileError(Exception):
    """The file as a whole cannot be imported; the message says why in French."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """``encoding``: how its text is written; ``sha256``: of the bytes as received."""

    path: Path
    compressed: bool
    encoding: str
    sha256: str
    start: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_json(self) -> bool:
        return self.start.lstrip().startswith("{")


def examine(path: Path) -> SourceFile:
    """Read the file through once: whole, text, in which encoding.

    Raises
    ------
    UnusableFileError
        Empty, truncated, binary, or not readable.
    """
    try:
        with path.open("rb") as raw:
            digest = hashlib.file_digest(raw, "sha256").hexdigest()
            raw.seek(0)
            compressed = raw.read(2) == b"\x1f\x8b"
        with _opened(path, compressed) as stream:
            encoding, start = _text_of(stream)
    except OSError as error:
        raise UnusableFileError(f"{path.name} : lecture impossible ({error.strerror or error})") from error
    return SourceFile(path, compressed, encoding, digest, start)


def _text_of(stream: IO[bytes]) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    head = b""
    while chunk := stream.read(_CHUNK):
        if b"\x00" in chunk:
            raise UnusableFileError("fichier binaire : un texte CSV ou JSON est attendu, compressé ou non")
        head = head or chunk[:4096]
        if encoding == "utf-8-sig":
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = "iso8859-15"
    if not head.strip():
        raise UnusableFileError("fichier vide")
    if encoding == "utf-8-sig":
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            encoding = "iso8859-15"
    return encoding, head.decode(encoding, errors="replace")


@contextmanager
def _opened(path: Path, compressed: bool) -> Iterator[IO[bytes]]:
    """The bytes, decompressed; a truncated or damaged archive is an unusable file."""
    try:
        if compressed:
            with gzip.open(path, "rb") as stream:
                yield cast(IO[bytes], stream)
        else:
            with path.open("rb") as stream:
                yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnusableFileError(
            f"{path.name} : fichier compressé tronqué ou abîmé, à télécharger de nouveau"
        ) from error


@contextmanager
def opened_bytes(file: SourceFile) -> Iterator[IO[bytes]]:
    """The content as bytes, decompressed."""
    with _opened(file.path, file.compressed) as stream:
        yield stream


def lines(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and text without its end, one physical line at a time."""
    with (
        _opened(file.path, file.compressed) as stream,
        io.TextIOWrapper(stream, encoding=file.encoding, newline=None) as text,
    ):
        for number, line in enumerate(text, start=1):
            yield number, line.rstrip("\n")


def date_in_name(file: SourceFile) -> dt.date | None:
    """The day written in the file's name (``…-stock-20260512-0339.csv``), if it is a real day."""
    found = _DATE_IN_NAME.search(file.name)
    return iso_date("-".join(found.groups())) if found else None


def modification_date(file: SourceFile) -> dt.date:
    """The day the file was last written on this machine: a last resort, said to the user."""
    return dt.datetime.fromtimestamp(file.path.stat().st_mtime, dt.UTC).date()


def iso_date(text: str) -> dt.date | None:
    """A day written YYYY-MM-DD, also at the start of a longer text; None when it is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None

"""The file a command writes: found unwritable before the work starts, there whole or not at all after it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def refusal(path: Path) -> str | None:
    """Why ``path`` cannot be written, in a few words, or None. Leaves nothing behind."""
    try:
        target = path.resolve()
        if target.is_dir():
            return "is a directory"
        if target.exists():
            if not os.access(target, os.W_OK):
                return "is not writable"
            if not target.is_file():
                return None
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name[:80]}."):
            return None
    except (OSError, RuntimeError, ValueError) as problem:  # RuntimeError: a loop of symbolic links
        return os_words(problem)


def text_of(document: Mapping[str, Any]) -> bytes:
    """The document as JSON, a line for each value and for each object of a list.

    A whole region's is written in a tenth of the time that indenting takes, and no call holds the
    interpreter for long.
    """
    lines = [f" {_compact(key)}: {_listed(value)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(lines) + "\n}").encode()


def _listed(value: object) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(map(_compact, value)) + "\n ]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader never sees half a file, a failure leaves the old one.

    A device or a pipe (``/dev/stdout``) is written to as it is. Raises OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def os_words(problem: Exception) -> str:
    """The system's own words for a failure, without the numbers and the path."""
    return getattr(problem, "strerror", None) or str(problem) or type(problem).__name__


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current

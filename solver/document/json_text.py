"""JSON text to values, on the lookout for what a friendly parser lets through.

Repeated keys are kept for whoever visits the object; NaN and Infinity become floats, refused at their field;
numbers beyond any use become ``HugeNumber``. What would fill the memory is refused before it is built.

When to modify: a hostile text finds a way through, or sound documents outgrow the limits.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from solver.document.problems import DocumentProblems, HugeNumber, Problem

MAX_BYTES = 256_000_000
# The instance of all of France (40,000 ESMS) holds about 0.12 million brackets and 1.5 million commas.
MAX_BRACKETS = 600_000
MAX_COMMAS = 2_500_000
_LONGEST_NUMBER = 1_000  # characters


class RepeatedKeys(dict[str, Any]):
    """An object some of whose keys were given more than once (the last value stays)."""

    repeated: tuple[str, ...] = ()


def parse(data: bytes | str) -> object:
    """The value that a JSON text holds.

    Raises
    ------
    DocumentProblems
        One problem: too large, not UTF-8, not JSON, nested too deeply.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"more than {MAX_BYTES // 1_000_000} MB")
    text = data if isinstance(data, str) else _decoded(data)
    if text.startswith("\ufeff"):
        raise _refused("starts with a byte order mark; save it as UTF-8 without one")
    if text.count("{") + text.count("[") > MAX_BRACKETS or text.count(",") > MAX_COMMAS:
        raise _refused(
            "holds more values than any instance: more than 2.5 million, or 600,000 lists and objects"
        )
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=float
        )
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise _refused(f"not JSON: {problem.msg} ({place})") from None
    except RecursionError:
        raise _refused("not usable: lists or objects are nested too deeply") from None


def _refused(message: str) -> DocumentProblems:
    return DocumentProblems([Problem("", message)])


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        byte = data[problem.start]
        raise _refused(f"not UTF-8: byte 0x{byte:02x} at position {problem.start}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    marked = RepeatedKeys(values)
    marked.repeated = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return marked


def _integer(digits: str) -> int | HugeNumber:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else HugeNumber(len(digits))


def _number(digits: str) -> float | HugeNumber:
    return float(digits) if len(digits) <= _LONGEST_NUMBER else HugeNumber(len(digits))

"""The certificate as values: a tree of leaves, their prices in whole numbers of 1/``Certificate.scale``.

What is no certificate is told at its path, all at once. The format is in docs/solver-formats.md.

When to modify: a node or a price is added to the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from solver.document.json_text import RepeatedKeys
from solver.verify.finding import Check, Finding

DECIMALS = 12
LARGEST = 10**9  # of a price
_DEEPEST = 400


@dataclass(frozen=True)
class Leaf:
    """Prices of lots (by key), of a euro of budget, of a grappe, of previous ids, of the path's decisions."""

    path: str
    lots: Mapping[str, int] = field(default_factory=dict)
    budget: int | None = None
    grappes: int | None = None
    identities: Mapping[str, int] = field(default_factory=dict)
    branches: tuple[int, ...] = ()


@dataclass(frozen=True)
class Empty:
    """No proposal at all satisfies the decisions of the path."""

    path: str


@dataclass(frozen=True)
class Sum:
    """Parts that share no lot; ``budget`` and ``grappes`` are priced for all of them here."""

    path: str
    parts: tuple[Node, ...]
    budget: int | None = None
    grappes: int | None = None


@dataclass(frozen=True)
class Count:
    """Either at most ``at`` grappes match, or more; None: any."""

    path: str
    solution: str | None
    hosting: str | None
    porteurs: frozenset[str] | None
    at: int
    low: Node
    high: Node


@dataclass(frozen=True)
class Placed:
    """Either a lot (by key) is in no grappe, or it is in one."""

    path: str
    lot: str
    out: Node
    into: Node


Node = Leaf | Empty | Sum | Count | Placed


@dataclass(frozen=True)
class Certificate:
    root: Node
    scale: int


def read_certificate(document: object) -> Certificate | list[Finding]:
    """The certificate of a proposal document, or what is wrong with it."""
    reader = _Reader()
    root = reader.node(document, "certificate", 0)
    if root is None or reader.findings:
        return reader.findings
    return Certificate(_scaled(root, 10 ** (DECIMALS - reader.decimals)), 10**reader.decimals)


def leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Leaf():
            yield node
        case Sum():
            for part in node.parts:
                yield from leaves(part)
        case Count():
            yield from leaves(node.low)
            yield from leaves(node.high)
        case Placed():
            yield from leaves(node.out)
            yield from leaves(node.into)
        case Empty():
            return


class _Reader:
    """Reads prices as whole numbers of 10**-DECIMALS; ``decimals``: how many are really used."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.decimals = 0

    def _refuse(self, path: str, stated: object, due: str) -> None:
        shown = stated if not isinstance(stated, Mapping | list) else type(stated).__name__
        self.findings.append(Finding(Check.SHAPE, path, shown, due))

    def _object(self, value: object, path: str, keys: frozenset[str] | None) -> Mapping[str, Any] | None:
        if not isinstance(value, Mapping):
            self._refuse(path, value, "an object")
            return None
        if isinstance(value, RepeatedKeys):
            self._refuse(path, sorted(value.repeated), "each key once")
        for key in value if keys is not None else ():
            if key not in (keys or ()):
                self._refuse(f"{path}.{key}", key, "no such key in a node of this kind")
        return value

    def node(self, value: object, path: str, depth: int) -> Node | None:
        if depth > _DEEPEST:
            self._refuse(path, "deeper", f"at most {_DEEPEST} nodes one in the other")
            return None
        if not isinstance(value, Mapping):
            self._refuse(path, value, "an object")
            return None
        readers: dict[str, Callable[[Mapping[str, Any], str, int], Node | None]] = {
            "leaf": self._leaf,
            "sum": self._sum,
            "branch": self._branch,
            "empty": self._empty,
        }
        kind = value.get("kind")
        if not isinstance(kind, str) or kind not in readers:
            self._refuse(f"{path}.kind", kind, "leaf, sum, branch or empty")
            return None
        return readers[kind](value, path, depth)

    def _empty(self, value: Mapping[str, Any], path: str, depth: int) -> Node:
        self._object(value, path, frozenset({"kind"}))
        return Empty(path)

    def _leaf(self, value: Mapping[str, Any], path: str, depth: int) -> Node:
        keys = frozenset({"kind", "lots", "budget", "grappes", "identities", "branch_prices"})
        self._object(value, path, keys)
        branches = value.get("branch_prices", [])
        if not isinstance(branches, list):
            self._refuse(f"{path}.branch_prices", branches, "a list")
            branches = []
        return Leaf(
            path,
            self._prices(value.get("lots"), f"{path}.lots"),
            self._optional(value, "budget", path),
            self._optional(value, "grappes", path),
            self._prices(value.get("identities", {}), f"{path}.identities"),
            tuple(self._price(p, f"{path}.branch_prices[{k}]") for k, p in enumerate(branches)),
        )

    def _sum(self, value: Mapping[str, Any], path: str, depth: int) -> Node | None:
        self._object(value, path, frozenset({"kind", "parts", "budget", "grappes"}))
        parts = value.get("parts")
        if not isinstance(parts, list):
            self._refuse(f"{path}.parts", parts, "a list")
            return None
        found = [self.node(part, f"{path}.parts[{k}]", depth + 1) for k, part in enumerate(parts)]
        budget, grappes = (self._optional(value, key, path) for key in ("budget", "grappes"))
        return Sum(path, tuple(part for part in found if part is not None), budget, grappes)

    def _branch(self, value: Mapping[str, Any], path: str, depth: int) -> Node | None:
        on = self._object(value.get("on"), f"{path}.on", None)
        if on is None:
            return None
        if on.get("kind") == "lot":
            self._object(value, path, frozenset({"kind", "on", "out", "in"}))
            self._object(on, f"{path}.on", frozenset({"kind", "lot"}))
            out, into = (self.node(value.get(key), f"{path}.{key}", depth + 1) for key in ("out", "in"))
            lot = self._text(on.get("lot"), f"{path}.on.lot")
            return None if out is None or into is None or lot is None else Placed(path, lot, out, into)
        if on.get("kind") != "grappes":
            self._refuse(f"{path}.on.kind", on.get("kind"), "grappes or lot")
            return None
        self._object(value, path, frozenset({"kind", "on", "at", "low", "high"}))
        self._object(on, f"{path}.on", frozenset({"kind", "solution", "hosting", "porteurs"}))
        low, high = (self.node(value.get(key), f"{path}.{key}", depth + 1) for key in ("low", "high"))
        at = value.get("at")
        if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at <= LARGEST:
            self._refuse(f"{path}.at", at, "a whole number, 0 or more")
            return None
        solution, hosting = (
            None if on.get(key) is None else self._text(on[key], f"{path}.on.{key}")
            for key in ("solution", "hosting")
        )
        porteurs = on.get("porteurs")
        if porteurs is not None and not (
            isinstance(porteurs, list) and all(isinstance(p, str) for p in porteurs)
        ):
            self._refuse(f"{path}.on.porteurs", porteurs, "a list of ids or null")
            return None
        among = None if porteurs is None else frozenset(porteurs)
        return None if low is None or high is None else Count(path, solution, hosting, among, at, low, high)

    def _text(self, value: object, path: str) -> str | None:
        if isinstance(value, str):
            return value
        self._refuse(path, value, "a text")
        return None

    def _optional(self, value: Mapping[str, Any], key: str, path: str) -> int | None:
        return self._price(value[key], f"{path}.{key}") if key in value else None

    def _prices(self, value: object, path: str) -> dict[str, int]:
        found = self._object(value, path, None)
        return {key: self._price(price, f"{path}.{key}") for key, price in (found or {}).items()}

    def _price(self, value: object, path: str) -> int:
        """A price in 10**-DECIMALS; the decimals written are those of the shortest text of the number."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
            self._refuse(path, value, f"a price from 0 to {LARGEST}")
            return 0
        exact = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
        scaled = exact.scaleb(DECIMALS)
        whole = int(scaled)
        if whole != scaled:
            self._refuse(path, value, f"a price of at most {DECIMALS} decimals")
        while whole % 10 ** (DECIMALS - self.decimals):
            self.decimals += 1
        return whole


def _scaled(node: Node, by: int) -> Node:
    """Prices divided by ``by``, which divides them all."""

    def price(value: int | None) -> int | None:
        return None if value is None else value // by

    match node:
        case Leaf():
            return Leaf(
                node.path,
                {key: value // by for key, value in node.lots.items()},
                price(node.budget),
                price(node.grappes),
                {key: value // by for key, value in node.identities.items()},
                tuple(value // by for value in node.branches),
            )
        case Sum():
            parts = tuple(_scaled(part, by) for part in node.parts)
            return Sum(node.path, parts, price(node.budget), price(node.grappes))
        case Count():
            low, high = _scaled(node.low, by), _scaled(node.high, by)
            return Count(node.path, node.solution, node.hosting, node.porteurs, node.at, low, high)
        case Placed():
            return Placed(node.path, node.lot, _scaled(node.out, by), _scaled(node.into, by))
        case Empty():
            return node

"""An address to be placed, and the key under which its answer is kept.

When to modify: an address is asked in another way.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_NOT_KEPT = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Address:
    """``line``: number and street; ``commune``: INSEE code, against which the answer is checked."""

    line: str
    postal_code: str
    commune: str
    commune_name: str

    @property
    def query(self) -> str:
        return " ".join(part for part in (self.line, self.postal_code, self.commune_name) if part)

    @property
    def key(self) -> str:
        """The same however the line is typed: « 12 Rue  de l'Église » is ``12 RUE DE L EGLISE``."""
        plain = unicodedata.normalize("NFKD", self.line).encode("ascii", "ignore").decode("ascii").upper()
        return f"{self.commune}|{self.postal_code}|{_NOT_KEPT.sub(' ', plain).strip()}"[:300]

"""An address to be placed, and the key under which its answer is kept.

When to modify: an address is asked in another way.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


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
        plain = unicodedata.normalize("NFKD", self.line).upper()
        kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
        return f"{self.commune}|{self.postal_code}|{' '.join(kept.split())}"[:300]

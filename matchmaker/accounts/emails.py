"""E-mail addresses as people type them.

When to modify: an address that mail servers take is refused here.
"""

from __future__ import annotations

import re

EXPECTED = "Une adresse électronique complète est attendue, par exemple prenom.nom@organisme.fr."
LONGEST = 254
_LABELS = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}"
_ADDRESS = re.compile(rf"[^\s@,;:<>()\[\]\\\"]{{1,64}}@{_LABELS}")
_DOMAIN = re.compile(_LABELS)

# Anybody can have an address there: approving one would let anybody in.
_SHARED = """protonmail.com gmail.com outlook.fr hotmail.com hotmail.fr live.fr msn.com yahoo.com yahoo.fr
orange.fr outlook.com wanadoo.fr free.fr sfr.fr laposte.net bbox.fr icloud.com me.com aol.com gmx.com gmx.fr
proton.me numericable.fr neuf.fr club-internet.fr"""
SHARED_DOMAINS = frozenset(_SHARED.split())


def normal(text: str | None) -> str | None:
    """The address in lower case without spaces around; None when it is none."""
    address = (text or "").strip().lower()
    return address if len(address) <= LONGEST and _ADDRESS.fullmatch(address) else None


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def own_domain(text: str | None) -> str | None:
    """A domain that can be one organisme's own, in lower case; None when it is none, or everybody's."""
    domain = (text or "").strip().lower().lstrip("@")
    return domain if _DOMAIN.fullmatch(domain) and domain not in SHARED_DOMAINS else None

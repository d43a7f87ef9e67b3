"""Envelopes: credits announced, their parts by window, and what a set of projects takes of them.

When to modify: an ARS announces its credits in another way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.rules import Rules
from matchmaker.financement.partage import whole_shares


@dataclass(frozen=True, slots=True)
class EnvelopeCheck:
    """``left_eur`` None: no document tells the credits of this région; below 0: they are exceeded."""

    region: str
    asked_eur: int
    envelope_eur: int | None
    left_eur: int | None
    citations: tuple[Citation, ...]


def window_credits(rules: Rules, regime: str, region: str, envelope_eur: int) -> Mapping[str, int]:
    """An envelope by window label, where the windows share the credits (1/3, 2/3); {} where they do not."""
    parts = {
        w.label: w.credits_share[0]
        for w in rules.windows
        if w.regime == regime and region in w.regions and w.credits_share is not None
    }
    return whole_shares(envelope_eur, parts)


def check(
    rules: Rules,
    regime: str,
    shares: Sequence[Mapping[str, int]],
    envelopes: Mapping[str, int] | None = None,
) -> tuple[EnvelopeCheck, ...]:
    """What projects ask of each région (one mapping région -> euros per project), against its credits.

    ``envelopes``: credits that a campaign knows of, besides those of the documents.
    """
    known = dict(envelopes or {})
    asked: dict[str, int] = {}
    for share in shares:
        for region, amount in share.items():
            asked[region] = asked.get(region, 0) + amount
    found = []
    for region, amount in sorted(asked.items()):
        envelope = known.get(region, rules.envelope_eur(regime, region))
        quoted = [e.citations for e in rules.envelopes if (e.regime, e.region) == (regime, region)]
        citations = quoted[0] if quoted and region not in known else ()
        left = None if envelope is None else envelope - amount
        found.append(EnvelopeCheck(region, amount, envelope, left, citations))
    return tuple(found)

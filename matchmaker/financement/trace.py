"""The trace of an amount: rule, version, words, quantity; and what was not counted, and why.

One type for pages, exports and the optimiser's lines.
When to modify: a reader of an amount needs to know something more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.exclusions import Exclusion
from matchmaker.baremes.rules import Measure, Rules, Version
from solver.proposal import Line


class Standing(StrEnum):
    """Counted in the total; possible, in no total; not counted."""

    COUNTED = "retenu"
    POSSIBLE = "possible"
    NOT_COUNTED = "non_retenu"


@dataclass(frozen=True, slots=True)
class TraceLine:
    """``amount_eur`` = ``quantity`` x ``unit_eur``, also for what is not counted (what it would be, or 0).

    ``measure``: the file of ``data/baremes/mesures``; ``code``: the line of a proposal; ``version_from`` and
    ``version_until``: the version's period; ``rules_version``: edition and digest of the rules. ``reason``:
    why it is not counted, or under which assumption it is. ``readings``: disputed readings it hangs on, with
    the option taken. ``members``: ids of the ESMS it is for.
    """

    standing: Standing
    rule: str
    label: str
    measure: str | None
    code: str | None
    version_from: date | None
    version_until: date | None
    rules_version: str
    quantity: int
    unit: str
    unit_eur: int
    members: tuple[str, ...]
    reason: str | None
    deduction: str | None
    caveats: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]
    citations: tuple[Citation, ...]

    @property
    def amount_eur(self) -> int:
        return self.quantity * self.unit_eur

    @property
    def sentence(self) -> str:
        """« non retenu : … » for what is not counted, the label otherwise."""
        return f"non retenu : {self.reason}" if self.standing is Standing.NOT_COUNTED else self.label


def paid(
    rules: Rules,
    measure: Measure,
    version: Version,
    members: Sequence[str],
    readings: Mapping[str, str],
    *,
    quantity: int | None = None,
    when: Mapping[str, str] | None = None,
    standing: Standing = Standing.COUNTED,
    reason: str | None = None,
) -> TraceLine:
    """The line of a forfait for these members; ``quantity`` None: one each. ``when``: of its application."""
    hangs_on = sorted({*version.when, *(when or {})})
    return TraceLine(
        standing=standing,
        rule=measure.rule,
        label=measure.label,
        measure=measure.id,
        code=None if measure.code is None else measure.code.value,
        version_from=version.in_force_from,
        version_until=version.in_force_until,
        rules_version=rules.version,
        quantity=len(members) if quantity is None else quantity,
        unit=measure.per.value,
        unit_eur=version.value,
        members=tuple(members),
        reason=reason,
        deduction=version.deduction,
        caveats=version.caveats,
        readings=tuple((k, readings[k]) for k in hangs_on),
        citations=version.citations,
    )


def refused(
    rules: Rules, exclusion: Exclusion, members: Sequence[str], readings: Mapping[str, str]
) -> TraceLine:
    """The line of an exclusion: these members bring nothing."""
    return TraceLine(
        standing=Standing.NOT_COUNTED,
        rule=exclusion.rule,
        label=rules.rule_by_id[exclusion.rule].label,
        measure=None,
        code=None,
        version_from=None,
        version_until=None,
        rules_version=rules.version,
        quantity=len(members),
        unit="esms",
        unit_eur=0,
        members=tuple(members),
        reason=exclusion.sentence,
        deduction=None,
        caveats=() if exclusion.uncited is None else (exclusion.uncited,),
        readings=tuple((k, readings[k]) for k in sorted(exclusion.when)),
        citations=exclusion.citations,
    )


def of_proposal_line(
    rules: Rules, regime: str, readings: Mapping[str, str], line: Line | Mapping[str, Any]
) -> TraceLine | None:
    """The trace of an optimiser's line; None when these rules know no such amount (another edition)."""
    if isinstance(line, Line):
        code, unit_eur, quantity, quote = line.code.value, line.unit_eur, line.quantity, line.reference.quote
    else:
        code, unit_eur, quantity = line["code"], line["unit_eur"], line["quantity"]
        quote = line["reference"]["quote"]
    whole = {**rules.default_readings, **readings}
    for measure, version in rules.in_force(regime, whole):
        same = measure.code is not None and (measure.code.value, version.value) == (code, unit_eur)
        if same and version.citations[0].quote == quote:
            return paid(rules, measure, version, (), whole, quantity=quantity)
    return None


def document(line: TraceLine) -> dict[str, Any]:
    """The line as plain JSON values, for exports."""
    return {
        "standing": line.standing.value,
        "rule": line.rule,
        "label": line.label,
        "measure": line.measure,
        "code": line.code,
        "version": {
            "rules": line.rules_version,
            "from": None if line.version_from is None else line.version_from.isoformat(),
            "until": None if line.version_until is None else line.version_until.isoformat(),
        },
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_eur": line.unit_eur,
        "amount_eur": line.amount_eur,
        "members": list(line.members),
        "reason": line.reason,
        "sentence": line.sentence,
        "deduction": line.deduction,
        "caveats": list(line.caveats),
        "readings": dict(line.readings),
        "citations": [
            {"document": c.document.title, "heading": c.heading, "quote": c.quote, "rules": list(c.rules)}
            for c in line.citations
        ],
    }

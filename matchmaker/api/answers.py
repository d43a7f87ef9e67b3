"""From what the engine, the rules and the register say to the documents of the API.

When to modify: a document gains a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import url_for

from matchmaker.api import documents as out
from matchmaker.baremes import Rules
from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import said
from matchmaker.baremes.rules import Contradiction, RegisterRule
from matchmaker.baremes.rules import Measure as RuleMeasure
from matchmaker.baremes.sheets import RuleSheet
from matchmaker.financement.evaluation import Resultat
from matchmaker.financement.trace import TraceLine
from matchmaker.financement.usages import Goal
from matchmaker.register.finess_number import Holding
from matchmaker.simulateur.questions import YOURS


def simulation(resultat: Resultat, question: str, page: str, uses: Sequence[Goal] = ()) -> out.Simulation:
    """Everything a result page shows, as values."""
    return out.Simulation(
        notice=resultat.mention,
        question=question,
        call=resultat.call.id,
        rules_version=resultat.rules_version,
        existence=_existence(resultat),
        totals=_totals(resultat),
        lines=[_line(line) for line in resultat.trace()],
        payments=[
            out.Payment(label=p.label, rule=p.rule, percent=p.percent, amount_eur=p.amount_eur)
            for p in resultat.echeancier.payments
        ],
        advance_eur=resultat.echeancier.advance_eur,
        months=resultat.echeancier.months,
        calendar=_calendar(resultat),
        sons=[
            out.SonsOrder(esms=len(o.esms), bracket=o.bracket, unit_eur=o.unit_eur, amount_eur=o.amount_eur)
            for o in resultat.sons.orders
            if o.organisme == YOURS
        ],
        uses=[
            out.Use(
                rule=g.target.rule,
                label=g.target.label,
                sentence=g.sentence,
                first=g.first,
                first_months=g.target.first_months,
                monthly=g.monthly,
            )
            for g in uses
        ],
        reminders=[
            out.Reminder(rule=r.rule, sentence=r.sentence, readings=list(r.readings))
            for r in resultat.rappels
        ],
        page=page,
    )


def calls(rules: Rules) -> out.Calls:
    return out.Calls(
        rules_version=rules.version,
        calls=[
            out.Call(
                id=call.id,
                label=call.label,
                description=call.description,
                level=call.level.value,
                sister=call.sister,
                in_force_from=call.in_force_from,
                in_force_until=call.in_force_until,
                citations=_quotes(call.citations),
            )
            for call in rules.calls
        ],
    )


def readings(rules: Rules) -> out.Readings:
    return out.Readings(
        rules_version=rules.version,
        readings=[_reading(c) for c in rules.contradictions],
    )


def rule_list(rules: Rules, found: Iterable[RegisterRule], start: int, most: int) -> out.RuleList:
    """Part of the rules found, from ``start``, ``most`` of them."""
    rows = list(found)
    return out.RuleList(
        rules_version=rules.version,
        total=len(rows),
        rules=[_summary(rule) for rule in rows[start : start + most]],
    )


def rule(rules: Rules, sheet: RuleSheet) -> out.Rule:
    """All that rests on one rule, with the words of each document."""
    return out.Rule(
        **_summary(sheet.rule).model_dump(),
        rules_version=rules.version,
        explanation=sheet.rule.explanation,
        uncited=sheet.rule.uncited,
        citations=_quotes(sheet.rule.citations),
        measures=[_measure(m) for m in sheet.measures],
        statements=[*_statements(sheet)],
        readings=[_reading(c) for c in sheet.contradictions],
    )


def prefill(found: Holding) -> out.Prefill:
    return out.Prefill(
        finess=found.finess,
        kind="juridique" if found.juridique else "geographique",
        name=found.name,
        organisme=found.organisme,
        organisme_finess=found.organisme_finess,
        region=found.region,
        counts=[out.Count(champ=champ.value, esms=count) for champ, count in sorted(found.counts.items())],
        elsewhere=found.elsewhere,
        esms_total=found.esms_total,
        source=found.source,
        snapshot_date=found.snapshot_date,
        fictitious=found.fictitious,
    )


def _existence(resultat: Resultat) -> out.Existence:
    found = resultat.existence
    return out.Existence(
        status=found.status.value,
        exists=found.exists,
        required=found.required,
        counted=found.counted,
        unit=found.unit,
        missing=found.missing,
        other_call=found.other_call,
        sentence=found.sentence,
        rule=found.rule,
        citations=_quotes(found.citations),
    )


def _totals(resultat: Resultat) -> out.Totals:
    own = next((o.own_eur for o in resultat.organismes if o.organisme == YOURS), 0)
    return out.Totals(
        own_eur=own,
        common_eur=resultat.montants.common_eur,
        total_eur=resultat.total_eur,
        least_eur=resultat.montants.least_eur,
        granted_eur=resultat.granted_eur,
        possible_eur=resultat.possible_eur,
    )


def _line(line: TraceLine) -> out.FundingLine:
    return out.FundingLine(
        standing=line.standing.value,
        rule=line.rule,
        label=line.label,
        measure=line.measure,
        version_from=line.version_from,
        version_until=line.version_until,
        quantity=line.quantity,
        unit=line.unit,
        unit_eur=line.unit_eur,
        amount_eur=line.amount_eur,
        reason=line.reason,
        caveats=list(line.caveats),
        readings=dict(line.readings),
        citations=_quotes(line.citations),
    )


def _calendar(resultat: Resultat) -> out.Calendar:
    found = resultat.calendrier
    windows = {w.id: w for slot in found.slots for w in slot.windows}
    return out.Calendar(
        region=found.region,
        known=found.known,
        status=found.status,
        deadline=found.deadline,
        windows=[
            out.Slot(label=w.label, rule=w.rule, opens=w.opens, closes=w.closes) for w in windows.values()
        ],
    )


def _summary(rule_: RegisterRule) -> out.RuleSummary:
    return out.RuleSummary(
        id=rule_.id,
        label=rule_.label,
        classes="".join(sorted(n.value for n in rule_.nature)),
        page=url_for("baremes.rule", rule_id=rule_.id, _external=True),
    )


def _measure(measure: RuleMeasure) -> out.Measure:
    return out.Measure(
        id=measure.id,
        label=measure.label,
        kind=measure.kind.value,
        per=measure.per.value,
        versions=[
            out.MeasureVersion(
                call=v.regime,
                in_force_from=v.in_force_from,
                in_force_until=v.in_force_until,
                when=dict(v.when),
                value=v.value,
                comparison=None if v.comparison is None else v.comparison.value,
                counted=v.counted,
                deduction=v.deduction,
                caveats=list(v.caveats),
                citations=_quotes(v.citations),
            )
            for v in measure.versions
        ],
    )


def _statements(sheet: RuleSheet) -> Iterable[out.Statement]:
    for convention in sheet.conventions:
        for version in convention.versions:
            words = f"{convention.label} : {said(version.value)}"
            yield _statement("convention", words, sorted(version.regimes), version.citations)
    for exclusion in sheet.exclusions:
        yield _statement("refus", exclusion.sentence, sorted(exclusion.regimes), exclusion.citations)
    for window in sheet.windows:
        yield _statement("fenetre", window.label, [window.regime], window.citations)
    for target in sheet.targets:
        yield _statement("cible", target.label, sorted(target.regimes), target.citations)
    for envelope in sheet.envelopes:
        words = f"{envelope.value} euros, région {envelope.region}"
        yield _statement("enveloppe", words, [envelope.regime], envelope.citations)
    for platform in sheet.platforms:
        yield _statement("plateforme", f"{platform.name}, région {platform.region}", [], platform.citations)
    for link in sheet.links:
        yield _statement("lien", link.label, [], link.citations)
    for bracket in sheet.sons.brackets if sheet.sons is not None else ():
        size = f"{bracket.first} à {bracket.last}" if bracket.last else f"{bracket.first} et plus"
        words = f"SONS, tranche {bracket.name} ({size} ESMS) : {bracket.eur} euros par ESMS"
        yield _statement("sons", words, sorted(sheet.sons.regimes) if sheet.sons else [], ())


def _statement(kind: str, label: str, calls_: list[str], citations: Iterable[Citation]) -> out.Statement:
    return out.Statement(kind=kind, label=label, calls=calls_, citations=_quotes(citations))


def _reading(found: Contradiction) -> out.Reading:
    return out.Reading(
        id=found.id,
        rules=list(found.rules),
        calls=sorted(found.regimes),
        default=found.default,
        question=found.question,
        effect=found.effect,
        options=[
            out.ReadingOption(
                id=o.id, label=o.label, citation=None if o.citation is None else _quote(o.citation)
            )
            for o in found.options
        ],
    )


def _quotes(citations: Iterable[Citation]) -> list[out.Quote]:
    return [_quote(c) for c in citations]


def _quote(citation: Citation) -> out.Quote:
    return out.Quote(
        document=citation.document.title,
        heading=citation.heading,
        quote=citation.quote,
        rules=list(citation.rules),
    )

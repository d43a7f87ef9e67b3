"""``matchmaker sensibilite`` and ``matchmaker ce-qui-change``: reports on a plan, in French.

When to modify: a report says something more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from matchmaker.baremes.loading import RulesError
from matchmaker.baremes.rules import Rules
from matchmaker.baremes.scales import extended_rules, shipped_rules
from matchmaker.financement.differences import Changes, GrappeChange, what_changes
from matchmaker.financement.plan_files import read_plan
from matchmaker.financement.projet import ProjetError
from matchmaker.financement.sensibilite import GrappeEffect, Sensibilite, VariantEffect, sensitivity
from matchmaker.financement.trace import document
from matchmaker.web.formats import ecart_euros, euros

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_GRAPPES_SHOWN = 5
_DAY = click.DateTime(["%Y-%m-%d"])


def _plain(words: str) -> str:
    """No hard spaces on a terminal."""
    return words.replace("\u00a0", " ")


@click.command("sensibilite")
@click.argument("instance_path", metavar="INSTANCE", type=_FILE)
@click.argument("proposal_path", metavar="PROPOSITION", type=_FILE)
@click.option("--jour", type=_DAY, help="Jour du dépôt (2022-05-01) ; sinon, les derniers montants.")
@click.option("--json", "as_json", is_flag=True, help="Le rapport en JSON.")
def sensibilite(instance_path: Path, proposal_path: Path, jour: datetime | None, as_json: bool) -> None:
    """Dire ce qui, dans un plan, dépend des lectures discutées des textes."""
    plan = read_plan(instance_path, proposal_path)
    report = sensitivity(shipped_rules(), plan.instance, plan.grappes, _day(jour))
    if as_json:
        click.echo(json.dumps(sensitivity_document(report), ensure_ascii=False, indent=2))
        return
    for line in sensitivity_lines(shipped_rules(), report):
        click.echo(_plain(line))


@click.command("ce-qui-change")
@click.argument("instance_path", metavar="INSTANCE", type=_FILE)
@click.argument("proposal_path", metavar="PROPOSITION", type=_FILE)
@click.option("--appel", "call", required=True, metavar="APPEL", help="Nom de l’autre appel à projets.")
@click.option("--ajout", "additions", type=_FOLDER, multiple=True, metavar="DOSSIER", help="Règles ajoutées.")
@click.option("--jour", type=_DAY, help="Jour du dépôt à cet autre appel.")
@click.option("--json", "as_json", is_flag=True, help="Le rapport en JSON.")
def ce_qui_change(
    instance_path: Path,
    proposal_path: Path,
    call: str,
    additions: tuple[Path, ...],
    jour: datetime | None,
    as_json: bool,
) -> None:
    """Dire ce qu’un autre appel à projets changerait pour les grappes d’un plan."""
    plan = read_plan(instance_path, proposal_path)
    rules = _rules(additions)
    try:
        changes = what_changes(rules, plan.instance, plan.grappes, call, _day(jour))
    except ProjetError as refused:
        raise click.ClickException("\n".join(sentence for _, sentence in refused.problems)) from None
    if as_json:
        click.echo(json.dumps(changes_document(changes), ensure_ascii=False, indent=2))
        return
    for line in change_lines(rules, changes):
        click.echo(_plain(line))


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _rules(additions: tuple[Path, ...]) -> Rules:
    try:
        return extended_rules(additions)
    except RulesError as error:
        raise click.ClickException("\n".join(error.problems)) from None


def sensitivity_lines(rules: Rules, report: Sensibilite) -> Iterator[str]:
    """The report as text: what moves first, then what moves nothing in one line."""
    call = rules.call_by_id[report.regime].label
    size = "d’une grappe" if report.grappes == 1 else f"de {report.grappes} grappes"
    yield f"Plan {size} et {report.esms} ESMS, appel « {call} »."
    yield f"{euros(report.total_eur)} (montant maximal indicatif). Règles {report.rules_version}."
    for effect in report.variants:
        if effect.moves:
            yield ""
            yield from _variant_lines(effect)
    still = sorted({e.contradiction.id for e in report.variants if not e.moves})
    if still:
        yield ""
        yield f"Sans effet sur ce plan : {', '.join(still)}."
    yield from sorted({f"{e.contradiction.id} : {e.note}" for e in report.variants if e.note})


def _variant_lines(effect: VariantEffect) -> Iterator[str]:
    yield f"{effect.contradiction.id}. {effect.contradiction.question}"
    yield f"  Retenu : {effect.taken.label}. {_source(effect.taken.citation)}".rstrip()
    yield f"  Sinon : {effect.option.label}. {_source(effect.option.citation)}".rstrip()
    count = len(effect.grappes)
    yield (
        f"  Effet : {ecart_euros(effect.delta_eur)}, "
        f"{count} grappe{'s' if count > 1 else ''} et {effect.esms} ESMS en dépendent."
    )
    for grappe in effect.grappes[:_GRAPPES_SHOWN]:
        yield f"    {_grappe_words(grappe)}"
    more = len(effect.grappes) - _GRAPPES_SHOWN
    if more > 0:
        yield f"    et {more} autres."


def _source(citation: Any) -> str:
    if citation is None:
        return ""
    return f"« {citation.quote} » ({citation.document.short})"


def _grappe_words(effect: GrappeEffect) -> str:
    words = f"{effect.grappe} ({len(effect.esms)} ESMS) : {ecart_euros(effect.delta_eur)}"
    if effect.existed and not effect.exists:
        return f"{words}, la grappe n’existe plus. {effect.sentence}"
    if effect.exists and not effect.existed:
        return f"{words}, la grappe existe. {effect.sentence}"
    if effect.deadline_before != effect.deadline_after:
        return f"{words}, date limite {_day_words(effect.deadline_after)}"
    return words


def _day_words(day: date | None) -> str:
    return "inconnue" if day is None else f"{day:%d/%m/%Y}"


def change_lines(rules: Rules, changes: Changes) -> Iterator[str]:
    """« Ce qui change pour vos grappes », then what changes in the rules."""
    before, after = (rules.call_by_id[c].label for c in (changes.before, changes.after))
    yield f"Ce qui change pour vos grappes, de « {before} » à « {after} »"
    yield (
        f"En tout : {euros(changes.before_eur)} deviennent {euros(changes.after_eur)} "
        f"({ecart_euros(changes.after_eur - changes.before_eur)}), montants maximaux indicatifs."
    )
    yield ""
    for grappe in changes.grappes:
        yield from _change_lines(grappe)
    yield ""
    yield "Ce qui change dans les règles"
    for change in changes.rule_changes:
        yield f"  {change.label} ({change.rule}) : {change.before or 'rien'} -> {change.after or 'rien'}"


def _change_lines(change: GrappeChange) -> Iterator[str]:
    yield (
        f"  {change.grappe} : {euros(change.before.granted_eur)} -> {euros(change.after.granted_eur)} "
        f"({ecart_euros(change.delta_eur)})"
    )
    if not change.after.existence.exists:
        yield f"    {change.after.existence.sentence}"
    for line in change.newly_refused:
        yield f"    {line.quantity} ESMS {line.sentence}"
    yield f"    {change.after.calendrier.status}"


def sensitivity_document(report: Sensibilite) -> dict[str, Any]:
    """The report as plain JSON values."""
    return {
        "format": "matchmaker-sensitivity/1",
        "rules": report.rules_version,
        "regime": report.regime,
        "readings": dict(report.readings),
        "grappes": report.grappes,
        "esms": report.esms,
        "total_eur": report.total_eur,
        "variants": [
            {
                "contradiction": e.contradiction.id,
                "question": e.contradiction.question,
                "taken": e.taken.id,
                "option": e.option.id,
                "delta_eur": e.delta_eur,
                "esms": e.esms,
                "note": e.note,
                "grappes": [
                    {
                        "id": g.grappe,
                        "esms": list(g.esms),
                        "before_eur": g.before_eur,
                        "after_eur": g.after_eur,
                        "exists": g.exists,
                        "deadline": None if g.deadline_after is None else g.deadline_after.isoformat(),
                    }
                    for g in e.grappes
                ],
            }
            for e in report.variants
        ],
    }


def changes_document(changes: Changes) -> dict[str, Any]:
    """The report as plain JSON values, each grappe with the whole trace under the new call."""
    return {
        "format": "matchmaker-changes/1",
        "rules": changes.rules_version,
        "before": changes.before,
        "after": changes.after,
        "before_eur": changes.before_eur,
        "after_eur": changes.after_eur,
        "rule_changes": [
            {"label": c.label, "rule": c.rule, "before": c.before, "after": c.after}
            for c in changes.rule_changes
        ],
        "grappes": [
            {
                "id": g.grappe,
                "before_eur": g.before.granted_eur,
                "after_eur": g.after.granted_eur,
                "exists": g.after.existence.exists,
                "existence": g.after.existence.sentence,
                "calendar": g.after.calendrier.status,
                "trace": [document(line) for line in g.after.trace()],
            }
            for g in changes.grappes
        ],
    }

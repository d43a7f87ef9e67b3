"""Pages of the rules: the list with its search, and one page for each rule.

When to modify: a page about the rules is added.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from matchmaker.baremes.conventions import said
from matchmaker.baremes.rules import Comparison, Kind, Per, Version
from matchmaker.baremes.scales import shipped_rules
from matchmaker.baremes.sheets import Notes, notes, search, sheet
from matchmaker.web.access import access
from matchmaker.web.formats import euros, nombre
from matchmaker.web.rendering import page_or_block, render_page

blueprint = Blueprint("baremes", __name__, url_prefix="/regles")

# by root of the installation, rule, anchor; as many as the data have
_ADDRESSES: dict[tuple[str, str, str | None], str] = {}
_PER = {
    Per.ESMS: "par ESMS",
    Per.ESMS_OF_SMALL_OG: "par ESMS d’un petit organisme",
    Per.GRAPPE: "par grappe",
    Per.ORGANISME: "par organisme",
    Per.FUNDING: "du financement de la grappe",
    Per.PROJECT: "par projet",
}
_BOUNDS = {
    Comparison.LT: "moins de {}",
    Comparison.LE: "{} au plus",
    Comparison.GE: "{} au moins",
    Comparison.GT: "plus de {}",
}


@blueprint.get("")
@access("public")
def index() -> Response:
    """Amounts and bounds by regime, searchable; ``q``: words, ``regime``: a word of the contract."""
    words, asked = request.args.get("q", "").strip(), request.args.get("regime", "")
    rules = shipped_rules()
    regime = asked if asked in rules.call_by_id else None
    return page_or_block(
        "regles/index.html",
        "resultats",
        rules=rules,
        found=search(rules, words, regime),
        words=words,
        regime=regime,
        unknown_regime=asked if asked and regime is None else None,
    )


@blueprint.get("/<rule_id>")
@access("public")
def rule(rule_id: str) -> str:
    """What a rule of the register pays or bounds, with its quotes, caveats and disputed readings."""
    rules = shipped_rules()
    found = sheet(rules, rule_id)
    if found is None:
        abort(404, f"Aucune règle « {rule_id} » n’est connue ici. La liste des règles les donne toutes.")
    return render_page("regles/regle.html", rules=rules, sheet=found)


@blueprint.app_template_global("adresse_de_regle")
def rule_url(rule_id: str, anchor: str | None = None) -> str:
    """The address of a rule's page. A page of amounts asks for forty: each is made once."""
    key = (request.script_root, rule_id, anchor)
    if key not in _ADDRESSES:
        _ADDRESSES[key] = url_for("baremes.rule", rule_id=rule_id, _anchor=anchor)
    return _ADDRESSES[key]


@blueprint.app_template_filter("valeur_de_regle")
def value_text(version: Version, kind: Kind) -> str:
    """« 14 500 € », « moins de 15 ESMS », « 49 ESMS au plus », « 40 % », « 18 mois »."""
    if kind is Kind.SHARE:
        return f"{version.value}\u00a0%"
    if kind is Kind.DELAY:
        return f"{version.value}\u00a0mois"
    if version.comparison is None:
        return euros(version.value)
    return _BOUNDS[version.comparison].format(f"{nombre(version.value)}\u00a0ESMS")


@blueprint.app_template_filter("unite_de_regle")
def per_text(per: Per) -> str:
    """« par ESMS »."""
    return _PER[per]


@blueprint.app_template_filter("mot_de_convention")
def settled_text(word: str) -> str:
    """The word of a convention as a page says it."""
    return said(word)


@blueprint.app_template_global("notes_de_ligne")
def line_notes(regime: str, code: str, unit_eur: int) -> Notes:
    """Caveats and disputed readings of a funding line, for whatever page shows one."""
    return notes(shipped_rules(), regime, code, unit_eur)

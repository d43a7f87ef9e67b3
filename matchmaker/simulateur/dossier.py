"""A result as a PDF by typst: dated, tagged (PDF/UA-1), each line with the words of its rule.

The template knows no value and the values no markup: they reach it as JSON, so that nothing typed by anybody
is ever read as typst. When to modify: the result gains a part that a paper should carry.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

import typst

from matchmaker import shipped
from matchmaker.baremes import shipped_rules
from matchmaker.baremes.citations import Citation
from matchmaker.database.instants import now
from matchmaker.financement.evaluation import Resultat
from matchmaker.financement.trace import Standing, TraceLine
from matchmaker.reference.territories import regions
from matchmaker.simulateur.questions import YOURS, Simulation, goals_of
from matchmaker.simulateur.wording import main_kind_of, question_of, unknown_solution
from matchmaker.web.formats import date, day_of, euros, nombre, typographie

TEMPLATE = shipped.TEMPLATES / "simulateur" / "resultat.typ"


def pdf(
    resultat: Resultat, simulation: Simulation, source: str | None, link: str, day: dt.date | None = None
) -> bytes:
    """The document's bytes. ``source``: what the register held; ``day``: printed as the day of the simulation
    (today in Paris when None)."""
    printed = day or day_of(now())
    content = {
        **_facts(resultat, simulation, source, link, printed),
        "lignes": [_line(line) for line in resultat.montants.lines],
        "possibles": [_line(line) for line in resultat.trace() if line.standing is Standing.POSSIBLE],
        "non_retenus": [_refused(line) for line in resultat.trace() if line.standing is Standing.NOT_COUNTED],
        "versements": [
            [p.label, f"{p.percent}\u00a0%", euros(p.amount_eur), p.rule]
            for p in resultat.echeancier.payments
        ],
        "sons": [
            f"{nombre(len(o.esms))} ESMS × {euros(o.unit_eur)} (tranche {o.bracket}) = {euros(o.amount_eur)}"
            for o in resultat.sons.orders
            if o.organisme == YOURS
        ],
        "usages": [[g.sentence, g.target.rule] for g in goals_of(simulation)],
        "rappels": [[r.sentence, r.rule] for r in resultat.rappels],
    }
    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"contenu": json.dumps(_french(content), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(dt.datetime.combine(printed, dt.time(), dt.UTC).timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made no single document")
    return made


def _facts(
    resultat: Resultat, simulation: Simulation, source: str | None, link: str, printed: dt.date
) -> dict[str, Any]:
    exists = resultat.existence
    own = next((o.own_eur for o in resultat.organismes if o.organisme == YOURS), 0)
    supposed = [
        f"{nombre(simulation.partners)} ESMS partenaires, supposés demander : {main_kind_of(simulation)}."
        if simulation.partners
        else "",
        unknown_solution(simulation, resultat.total_eur) or "",
    ]
    return {
        "mention": resultat.mention,
        "date": date(printed),
        "question": question_of(simulation),
        "registre": source or "",
        "verdict": exists.sentence,
        "existe": exists.exists,
        "regle_verdict": exists.rule,
        "citation_verdict": _quote(exists.citations),
        "suppositions": [s for s in supposed if s],
        "vos_esms": euros(own),
        "partenaires": euros(resultat.total_eur - own - resultat.montants.common_eur)
        if simulation.partners
        else "",
        "aides": euros(resultat.montants.common_eur),
        "total": euros(resultat.total_eur),
        "au_moins": euros(resultat.montants.least_eur)
        if resultat.montants.least_eur < resultat.total_eur
        else "",
        "calendrier": f"{regions()[simulation.region].name} : {resultat.calendrier.status}",
        "avance": euros(resultat.echeancier.advance_eur),
        "mois": "" if resultat.echeancier.months is None else str(resultat.echeancier.months),
        "lien": link,
        "regles": resultat.rules_version,
    }


def _line(line: TraceLine) -> dict[str, Any]:
    disputed = {c.id: c for c in shipped_rules().contradictions}
    return {
        "libelle": line.label,
        "calcul": f"{nombre(line.quantity)} × {euros(line.unit_eur)}",
        "montant": euros(line.amount_eur),
        "regle": line.rule,
        "citation": _quote(line.citations),
        "notes": [
            *([line.reason] if line.reason else []),
            *line.caveats,
            *(
                f"Lecture discutée {k} : {disputed[k].question} {disputed[k].effect}"
                for k, _ in line.readings
            ),
        ],
    }


def _refused(line: TraceLine) -> list[str]:
    counted = "" if line.unit == "grappe" else f", {nombre(line.quantity)} ESMS"
    return [f"{line.label}{counted} : {line.reason}", line.rule]


def _quote(citations: Iterable[Citation]) -> dict[str, str] | None:
    first = next(iter(citations), None)
    if first is None:
        return None
    return {"mots": first.quote, "document": first.document.title, "rubrique": first.heading}


def _french(value: Any) -> Any:
    """Every text with the no-break spaces of French, the link as it is."""
    if isinstance(value, dict):
        return {k: v if k == "lien" else _french(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_french(v) for v in value]
    return typographie(value) if isinstance(value, str) else value

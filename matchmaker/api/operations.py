"""The operations of ``/api/v1``: parse, call one function, answer a document.

When to modify: an operation is added.
"""

from __future__ import annotations

from typing import Annotated

from flask import Response, jsonify
from flask_openapi.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from matchmaker.api import answers, documents
from matchmaker.api.blueprint import UNKNOWN, blueprint, refusal
from matchmaker.api.known import Known
from matchmaker.api.questions import Question, page_of
from matchmaker.api.sentences import FINESS, RULE
from matchmaker.api.specification import specification
from matchmaker.baremes import shipped_rules
from matchmaker.baremes.sheets import register_found, sheet
from matchmaker.financement.evaluation import evaluate
from matchmaker.register import finess_number
from matchmaker.simulateur.prefill import unknown
from matchmaker.simulateur.questions import goals_of, projet_of
from matchmaker.simulateur.wording import question_of
from matchmaker.web.access import access
from matchmaker.web.problems import problem
from matchmaker.web.sessions import reading

_RULES = Tag(name="Règles", description="Les règles du programme, datées, avec les mots qui les portent.")
_SIMULATOR = Tag(name="Simulateur", description="Ce qu’un projet pourrait obtenir, et qui le dit.")


class RulePath(BaseModel):
    rule_id: str = Field(description="Numéro de la règle, par exemple R53.", pattern=RULE, examples=["R53"])


class FinessPath(BaseModel):
    finess: str = Field(description="FINESS juridique ou géographique, 9 caractères.", pattern=FINESS)


class RuleQuery(BaseModel):
    """What to look for; a misspelt parameter is said, not ignored."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", description="Mots à trouver, accents et majuscules indifférents.", max_length=200)
    call: Annotated[
        str | None, Known("calls"), Field(description="Un seul appel à projets : voir /appels.")
    ] = None
    start: int = Field(0, description="Combien en passer.", ge=0, le=10_000)
    limit: int = Field(50, description="Combien en donner.", ge=1, le=200)


@blueprint.post(
    "/simulations",
    operation_id="simuler",
    summary="Évaluer un projet",
    description="Éligibilité, montants, calendrier : chaque ligne avec sa règle. Rien n’est conservé.",
    tags=[_SIMULATOR],
    responses={200: documents.Simulation, 415: refusal("Le corps n’est pas annoncé comme du JSON.")},
)
@access("public")
def simulate(body: Question) -> Response:
    """What the project could obtain."""
    asked = body.simulation()
    resultat = evaluate(shipped_rules(), projet_of(asked))
    return _answer(answers.simulation(resultat, question_of(asked), page_of(asked), goals_of(asked)))


@blueprint.get(
    "/finess/<finess>",
    operation_id="preremplir",
    summary="Préremplir depuis le registre",
    description="Les ESMS ouverts d’un FINESS juridique ou géographique, et le jour de l’extraction.",
    tags=[_SIMULATOR],
    responses={200: documents.Prefill, 404: UNKNOWN},
)
@access("public")
def prefill(path: FinessPath) -> Response:
    """What the register holds of a number."""
    with reading() as session:
        found = finess_number.holding(session, path.finess)
        sentence = unknown(session, path.finess, found)
        if found is None or sentence is not None:
            return problem(404, "Numéro inconnu", sentence or "")
        return _answer(answers.prefill(found))


@blueprint.get(
    "/appels",
    operation_id="appels",
    summary="Les appels à projets",
    description="Chaque appel connu, son niveau, ses dates et les mots qui le disent.",
    tags=[_RULES],
    responses={200: documents.Calls},
)
@access("public")
def calls() -> Response:
    """The calls."""
    return _answer(answers.calls(shipped_rules()))


@blueprint.get(
    "/lectures",
    operation_id="lectures",
    summary="Les lectures discutées",
    description="Où les documents se contredisent, la lecture retenue et les autres.",
    tags=[_RULES],
    responses={200: documents.Readings},
)
@access("public")
def readings() -> Response:
    """The disputed readings."""
    return _answer(answers.readings(shipped_rules()))


@blueprint.get(
    "/regles",
    operation_id="regles",
    summary="Lister ou chercher des règles",
    description="Les règles qui disent tous les mots demandés ; toutes quand rien n’est demandé.",
    tags=[_RULES],
    responses={200: documents.RuleList},
)
@access("public")
def rules(query: RuleQuery) -> Response:
    """Rules that say every word asked for."""
    found = register_found(shipped_rules(), query.q, query.call)
    return _answer(answers.rule_list(shipped_rules(), found, query.start, query.limit))


@blueprint.get(
    "/regles/<rule_id>",
    operation_id="regle",
    summary="Lire une règle",
    description="Montants et seuils par appel, versions datées, citations, lectures discutées.",
    tags=[_RULES],
    responses={200: documents.Rule, 404: UNKNOWN},
)
@access("public")
def rule(path: RulePath) -> Response:
    """One rule with all that rests on it."""
    found = sheet(shipped_rules(), path.rule_id)
    if found is None:
        return problem(404, "Règle inconnue", f"Aucune règle « {path.rule_id} » : /regles les donne toutes.")
    return _answer(answers.rule(shipped_rules(), found))


@blueprint.get("/openapi.json", doc_ui=False)
@access("public")
def openapi() -> Response:
    """The specification, OpenAPI 3.1."""
    return jsonify(specification())


def _answer(document: documents.Document) -> Response:
    return Response(document.model_dump_json(), content_type="application/json")

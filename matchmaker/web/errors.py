"""Error pages in French: what happened, what is safe, what to do, a reference to quote. No traceback.

Under ``/api/`` the same words are JSON (``web.problems``).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace

from flask import Flask, Response, make_response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from matchmaker.web.problems import of_the_api, problem
from matchmaker.web.rendering import render_page

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wording:
    title: str
    what: str
    todo: str


WORDINGS = {
    400: Wording(
        "La demande n’a pas été comprise",
        "L’adresse ou le formulaire contient une valeur que Matchmaker ne sait pas lire. Rien n’a été "
        "enregistré.",
        "Revenez à la page précédente et recommencez.",
    ),
    403: Wording(
        "Cette page n’est pas ouverte",
        "Cette installation ne donne pas accès à cette page.",
        "Si vous devez y accéder, adressez-vous à la personne qui gère cette installation.",
    ),
    404: Wording(
        "Cette page n’existe pas",
        "L’adresse est incomplète ou mal recopiée, ou ce qu’elle montrait a été supprimé.",
        "Vérifiez l’adresse, ou repartez de l’accueil.",
    ),
    405: Wording(
        "Cette action n’est pas possible à cette adresse",
        "Cette adresse attend l’envoi d’un formulaire, ou l’inverse. Rien n’a été enregistré.",
        "Revenez à la page précédente et utilisez ses boutons.",
    ),
    413: Wording(
        "Le fichier est trop volumineux",
        "Matchmaker accepte des fichiers de 64\u00a0Mo au plus. Rien n’a été enregistré.",
        "Découpez le fichier, ou retirez les colonnes inutiles.",
    ),
    422: Wording(
        "Une valeur ne convient pas",
        "Une valeur envoyée ne peut pas être utilisée. Rien n’a été enregistré.",
        "Revenez à la page précédente et corrigez-la.",
    ),
    500: Wording(
        "Une erreur s’est produite de notre côté",
        "La page n’a pas pu être préparée. Ce qui était enregistré le reste.",
        "Réessayez dans une minute. Si cela dure, transmettez la référence ci-dessous.",
    ),
}
_EXPIRED = Wording(
    "Le formulaire a expiré",
    "Votre session a changé depuis l’ouverture de la page. Rien n’a été enregistré.",
    "Revenez à la page précédente, rechargez-la, puis envoyez de nouveau.",
)


def install(app: Flask) -> None:
    """Answer every HTTP error and every unexpected one with a page of ours."""
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _foreign_host(error: SecurityError) -> Response:
    """Nothing of ours is shown to a name that is not this machine's: no page, no link, one sentence."""
    text = "Matchmaker ne répond qu’à l’adresse affichée au démarrage (127.0.0.1 ou localhost).\n"
    return Response(text, 400, content_type="text/plain; charset=utf-8")


def _csrf(error: CSRFError) -> Response:
    return _page(400, _EXPIRED)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    code = error.code or 500
    wording = WORDINGS.get(code) or WORDINGS[500 if code >= 500 else 400]
    # What abort(code, "…") says in its own words takes the place of the general sentence.
    if error.description and error.description != type(error).description:
        wording = replace(wording, what=error.description)
    response = _page(code, wording)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    return _page(500, WORDINGS[500], error)


def _page(code: int, wording: Wording, error: Exception | None = None) -> Response:
    reference = secrets.token_hex(3).upper()
    if error is not None or code >= 500:
        _logger.error("reference %s: %s %s", reference, request.method, request.path, exc_info=error)
    else:
        _logger.info("reference %s: %s %s: %d", reference, request.method, request.path, code)
    if of_the_api():
        return problem(code, wording.title, f"{wording.what} Référence : {reference}.")
    return make_response(
        render_page("errors/error.html", code=code, wording=wording, reference=reference), code
    )

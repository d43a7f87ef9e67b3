"""What the readers of documents and the judge say of a file, in French for the page that refused it.

When to modify: solver.document says something new. What has no sentence here gets the general one: the place
is always shown beside it.
"""

from __future__ import annotations

import re

_GENERAL = "Cette valeur ne convient pas."
_SENTENCES = tuple(
    (re.compile(pattern), french)
    for pattern, french in (
        (
            r"not JSON: .*\((line (\d+), column (\d+))\)",
            r"Ce n’est pas un fichier JSON : ligne \2, colonne \3.",
        ),
        (r"not (JSON|UTF-8).*", "Ce n’est pas un fichier JSON."),
        (r"more than (\d+) MB", r"Le fichier dépasse \1 Mo."),
        (
            r"more problems than these \d+.*",
            "La lecture s’est arrêtée là : les problèmes sont trop nombreux.",
        ),
        (r"missing(: required for .*)?", "Cette donnée manque."),
        (r"unknown key", "Matchmaker ne connaît pas cette donnée."),
        (r"(.+) is unknown", r"\1 n’est pas dans le fichier des données du calcul."),
        (
            r"(.+) is not (?:in|an ESMS of) the instance",
            r"\1 n’est pas dans le fichier des données du calcul.",
        ),
        (r"(.+) is given more than once", r"\1 est donné plusieurs fois."),
        (
            r"(.+) is not (?:an instance|a proposal) \(an object\)",
            "Ce n’est pas un plan exporté par Matchmaker.",
        ),
        (r"(.+) is (?:not|above) .+", r"La valeur \1 ne convient pas."),
    )
)


def sentence(message: str) -> str:
    """``"DUI Z" is unknown`` -> ``"DUI Z" n’est pas dans le fichier des données du calcul.``"""
    for pattern, french in _SENTENCES:
        found = pattern.fullmatch(message)
        if found:
            return found.expand(french)
    return _GENERAL

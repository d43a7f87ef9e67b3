"""What the judge finds, in French sentences: a broken rule, a figure that is not the recomputed one.

The judge speaks in codes and ids; here stand the words and the names. Whatever it says has a sentence.

When to modify: the judge checks one more thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from matchmaker.campaigns.wording import CHAMPS, HOSTING, NEEDS
from matchmaker.web.formats import euros, finess, nombre, pluriel, typographie
from solver.instance import Instance
from solver.judge import Rule, Violation

# Figures of a proposal document -> what they are called, and how a value is written.
_FIGURES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "funding_eur": ("Le financement", euros),
    "amount_eur": ("Le montant de la ligne", euros),
    "gain_eur": ("Le gain annoncé", euros),
    "size": ("Le nombre de membres", nombre),
    "esms_placed": ("Le nombre d’ESMS placés", nombre),
    "objective_value": ("La valeur de l’objectif", nombre),
    "radius_km": ("La plus grande distance au porteur", lambda v: f"{nombre(v, 1)} km"),
    "mean_distance_km": ("La distance moyenne au porteur", lambda v: f"{nombre(v, 1)} km"),
    "gap": ("L’écart au maximum prouvé", lambda v: f"{nombre(v * 100, 1)} %"),
    "status": ("L’état du calcul", str),
    "bound_proof": ("L’origine de la preuve", str),
}
_LINE = re.compile(r": (\w+) at (\d+) euros")
_LIST = re.compile(r"'([^']+)'")


def sentence(violation: Violation, instance: Instance) -> str:
    """What is wrong, as one French sentence with names and numbers."""
    return typographie(SENTENCES[violation.rule](violation, _Names(instance)))


def place(path: str, proposal: Mapping[str, Any]) -> str:
    """Where a violation is, for a reader: ``grappes[2].members[0]`` -> ``Grappe G3``."""
    found = re.match(r"(grappes|unplaced|robustness)\[(\d+)\]", path)
    if found:
        entry = proposal[found[1]][int(found[2])]
        if found[1] == "robustness":
            return f"Grappe {entry['grappe']}"
        return f"Grappe {entry['id']}" if found[1] == "grappes" else f"ESMS non placé {finess(entry['esms'])}"
    if path.startswith("constraints."):
        return "Contraintes de la campagne"
    return "Ensemble du plan"


class _Names:
    """Ids of an instance -> what a reader knows them by."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def esms(self, id_: object) -> str:
        known = self._instance.esms_by_id.get(str(id_))
        return f"« {known.name} » ({finess(known.id)})" if known else f"l’ESMS {id_}"

    def solution(self, id_: object) -> str:
        known = self._instance.solution_by_id.get(str(id_))
        return f"« {known.name} »" if known else f"la solution {id_}"

    def organisme(self, id_: object) -> str:
        known = self._instance.organisme_by_id.get(str(id_))
        return f"« {known.name} »" if known else f"l’organisme {id_}"

    def listed(self, ids: Iterable[object]) -> str:
        names = [self.esms(id_) for id_ in ids]
        if len(names) > 3:
            names = [*names[:2], f"{len(names) - 2} autres ESMS"]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"


def _members(v: Violation, names: _Names) -> str:
    if v.stated == 0:
        return "La grappe n’a aucun membre."
    if v.recomputed == "unknown":
        return f"L’ESMS {v.stated} n’est pas dans les données du calcul."
    return f"{_capital(names.esms(v.stated))} est donné deux fois."


def _solution(v: Violation, names: _Names) -> str:
    if v.recomputed == "unknown":
        return f"La solution {v.stated} n’est pas dans les données du calcul."
    return f"{_capital(names.esms(_first_word(v)))} n’accepte pas la solution {names.solution(v.stated)}."


def _champ(v: Violation, names: _Names) -> str:
    champ, esms = re.findall(r"champ (\w+) of (.+)", str(v.recomputed))[0]
    return (
        f"La solution {names.solution(v.stated)} ne couvre pas le champ {champ} ({CHAMPS[champ]}) "
        f"de {names.esms(esms)}."
    )


def _current(v: Violation, names: _Names) -> str:
    esms, current = re.findall(r"(.+) has (.+)", str(v.recomputed))[0]
    return (
        f"{_capital(names.esms(esms))} demande une montée de version de {names.solution(current)} : "
        f"il ne peut pas entrer dans une grappe autour de {names.solution(v.stated)}."
    )


def _hosting(v: Violation, names: _Names) -> str:
    said = str(v.recomputed)
    mode = (
        "son hébergement" if v.stated is None else f"l’hébergement « {HOSTING.get(str(v.stated), v.stated)} »"
    )
    if v.path.endswith(".hosting"):
        if v.stated is None:
            return "Un seul mode d’hébergement est demandé pour toute la grappe, et elle n’en donne aucun."
        if v.recomputed is None:
            return f"Chaque ESMS garde son hébergement : la grappe ne devrait pas imposer {mode}."
        return f"La solution {names.solution(said.removeprefix('not offered by '))} n’offre pas {mode}."
    return f"{_capital(names.esms(_first_word(v)))} n’accepte pas {mode}."


def _fundable(v: Violation, names: _Names) -> str:
    solution = str(v.recomputed).removeprefix("not fundable with ")
    return (
        f"Le besoin de {names.esms(v.stated)} n’est pas financé avec la solution {names.solution(solution)}."
    )


def _lot(v: Violation, names: _Names) -> str:
    without = names.listed(_LIST.findall(str(v.recomputed)))
    if v.rule is Rule.LOT:
        lot = _items(v.stated)[1]
        return f"Le lot « {lot} » ne se sépare pas : il manque {without}."
    return f"Des organismes sont à garder ensemble : il manque {without}."


def _size(v: Violation, names: _Names) -> str:
    least = str(v.recomputed).startswith("at least")
    count = int(str(v.recomputed).split()[-1])
    due = f"au moins {nombre(count)}" if least else f"au plus {nombre(count)}"
    return f"La grappe compte {pluriel(int(str(v.stated)), 'ESMS', 'ESMS')} : il en faut {due}."


def _porteur(v: Violation, names: _Names) -> str:
    if v.recomputed == "not a member":
        return f"Le porteur, {names.esms(v.stated)}, n’est pas membre de la grappe."
    return f"{_capital(names.esms(v.stated))} ne peut pas être porteur."


def _radius(v: Violation, names: _Names) -> str:
    distance, porteur = re.findall(r"([\d.]+) km from (.+)", str(v.recomputed))[0]
    return (
        f"{_capital(names.esms(v.stated))} est à {nombre(float(distance), 1)} km du porteur, "
        f"{names.esms(porteur)} : c’est plus que la distance maximale."
    )


def _territory(v: Violation, names: _Names) -> str:
    porteur = str(v.recomputed).removeprefix("not in the territory of ")
    return f"{_capital(names.esms(v.stated))} n’est pas dans le territoire du porteur, {names.esms(porteur)}."


def _centre(v: Violation, names: _Names) -> str:
    return (
        f"Le porteur doit être le membre le plus central : {names.esms(v.recomputed)}, et non "
        f"{names.esms(v.stated)}."
    )


def _champs(v: Violation, names: _Names) -> str:
    return (
        f"La grappe réunit plusieurs champs ({_words(v.stated, CHAMPS)}), ce que la campagne ne permet pas."
    )


def _needs(v: Violation, names: _Names) -> str:
    return f"La grappe mêle des besoins ({_words(v.stated, NEEDS)}), ce que la campagne ne permet pas."


def _apart(v: Violation, names: _Names) -> str:
    one, other = _items(v.stated)
    return f"{names.organisme(one)} et {names.organisme(other)} ne doivent jamais être dans la même grappe."


def _budget(v: Violation, names: _Names) -> str:
    most = int(str(v.recomputed).split()[-1])
    return f"Le financement, {euros(int(str(v.stated)))}, dépasse le budget maximal de {euros(most)}."


def _max_grappes(v: Violation, names: _Names) -> str:
    most = int(str(v.recomputed).split()[-1])
    return (
        f"Le plan compte {nombre(_number(v.stated))} grappes : la campagne en permet au plus {nombre(most)}."
    )


def _previous(v: Violation, names: _Names) -> str:
    return (
        "Cette grappe porte le nom d’une grappe du plan de référence, sans en avoir la solution "
        "et l’hébergement."
    )


def _fixed(v: Violation, names: _Names) -> str:
    if v.stated == "absent":
        return "Une grappe conservée par la campagne n’est pas dans le plan."
    return "Une grappe conservée par la campagne n’est pas dans le plan telle qu’elle a été fixée."


def _grappe_id(v: Violation, names: _Names) -> str:
    if v.recomputed == "the id of a fixed grappe":
        return f"Le nom « {v.stated} » est celui d’une grappe conservée par la campagne."
    return f"Plusieurs grappes portent le nom « {v.stated} »."


def _figure(v: Violation, names: _Names) -> str:
    line = _LINE.search(v.path)
    if line:
        return (
            f"Le plan compte {nombre(_number(v.stated))} × {euros(int(line[2]))} : le contrôleur en "
            f"trouve {nombre(_number(v.recomputed))}."
        )
    if ".by_region." in v.path:
        stated, due = (0 if x is None else _number(x) for x in (v.stated, v.recomputed))
        return (
            f"La part de la région {v.path.rsplit('.', 1)[1]} est de {euros(due)}, et non de {euros(stated)}."
        )
    if isinstance(v.stated, list):
        return f"La ligne de {euros(_number(v.stated[1]))} ou la règle citée n’est pas de celles du régime."
    return _not_the_same(v)


def _not_the_same(v: Violation) -> str:
    key = v.path.rsplit(".", 1)[-1]
    what, written = _FIGURES.get(key, (f"La donnée « {key} »", str))
    stated, due = ("inconnu" if x is None else written(x) for x in (v.stated, v.recomputed))
    return f"{what} est donné pour {stated} : le contrôleur trouve {due}."


def _bound(v: Violation, names: _Names) -> str:
    if v.path == "bound_proof":
        return "La preuve du maximum n’est pas de l’origine que le fichier annonce."
    least = int(str(v.recomputed).rsplit(" ", 1)[-1])
    return (
        f"Le maximum annoncé, {nombre(_number(v.stated))}, est inférieur à ce qu’il doit couvrir, "
        f"{nombre(least)}."
    )


def _unplaced(v: Violation, names: _Names) -> str:
    if v.path == "unplaced":
        return f"{_capital(names.esms(v.recomputed))} n’est ni dans une grappe ni parmi les non placés."
    if v.path.endswith(".reason"):
        return "La cause donnée n’est pas celle que les données du calcul montrent."
    if ".detail." in v.path:
        return "Les précisions données avec la cause ne sont pas celles que les données du calcul montrent."
    if v.recomputed == "placed":
        return f"{_capital(names.esms(v.stated))} est donné non placé alors qu’une grappe le compte."
    return f"{_capital(names.esms(v.stated))} est donné plusieurs fois parmi les non placés."


def _change(v: Violation, names: _Names) -> str:
    if v.recomputed == "places nothing":
        return "Le changement proposé ne place pas cet ESMS."
    return _not_the_same(v)


def _shape(v: Violation, names: _Names) -> str:
    if v.path == "regime" or v.path.startswith("parameters."):
        return (
            f"Le plan n’a pas été calculé avec ces données : « {v.path.removeprefix('parameters.')} » "
            "y est différent."
        )
    return "Cette partie du fichier n’a pas la forme d’un plan exporté par Matchmaker."


SENTENCES: Mapping[Rule, Callable[[Violation, _Names], str]] = {
    Rule.MEMBERS: _members,
    Rule.GRAPPE_ID: _grappe_id,
    Rule.ONE_GRAPPE: lambda v, names: f"{_capital(names.esms(v.stated))} est dans plusieurs grappes.",
    Rule.LOT: _lot,
    Rule.TOGETHER: _lot,
    Rule.NO_NEED: lambda v, names: f"{_capital(names.esms(v.stated))} ne demande rien dans cette campagne.",
    Rule.EXCLUDED: lambda v, names: f"{_capital(names.esms(v.stated))} est exclu des calculs.",
    Rule.SOLUTION: _solution,
    Rule.CURRENT_SOLUTION: _current,
    Rule.CHAMP: _champ,
    Rule.HOSTING: _hosting,
    Rule.FUNDABLE: _fundable,
    Rule.SIZE: _size,
    Rule.PORTEUR: _porteur,
    Rule.RADIUS: _radius,
    Rule.TERRITORY: _territory,
    Rule.CENTRE: _centre,
    Rule.MIX_CHAMPS: _champs,
    Rule.MIX_NEEDS: _needs,
    Rule.APART: _apart,
    Rule.BUDGET: _budget,
    Rule.MAX_GRAPPES: _max_grappes,
    Rule.PREVIOUS: _previous,
    Rule.FIXED_GRAPPE: _fixed,
    Rule.SHAPE: _shape,
    Rule.FIGURE: _figure,
    Rule.TOTAL: lambda v, names: _not_the_same(v),
    Rule.STATUS: lambda v, names: _not_the_same(v),
    Rule.BOUND: _bound,
    Rule.UNPLACED: _unplaced,
    Rule.CHANGE: _change,
    Rule.DEPARTURE: lambda v, names: (
        "Ce que le fichier dit du départ d’un organisme n’est pas ce que le contrôleur trouve."
    ),
}


def _first_word(v: Violation) -> str:
    """The id with which the judge's remark starts: ``480000101 does not accept it``."""
    return str(v.recomputed).removesuffix(" does not accept it")


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _words(values: object, words: Mapping[str, str]) -> str:
    return ", ".join(words.get(str(value), str(value)) for value in _items(values))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

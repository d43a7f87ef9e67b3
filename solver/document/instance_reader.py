"""Instance documents to ``Instance``: every problem at its path, told at once.

What only the judge can say (a fixed grappe that breaks a rule of distance, of funding...) is in
``solver.judge.fixed``. Here stands what the document alone shows.

When to modify: the instance format gains an optional field.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from solver.document import fixed_grappes, json_text
from solver.document.fields import Fields
from solver.document.organisme_pairs import read_pairs
from solver.document.parameters import read_parameters
from solver.document.previous_grappes import read_previous
from solver.document.problems import (
    DocumentProblems,
    FloodError,
    InstanceProblems,
    ProblemLog,
    shown,
)
from solver.instance import (
    INSTANCE_FORMAT,
    Constraints,
    DuiSolution,
    Esms,
    Instance,
    Organisme,
    Parameters,
)
from solver.vocabulary import Champ, Hosting, Need, Regime

_ROOT = frozenset({
    "format", "regime", "parameters", "organismes", "solutions", "esms", "constraints", "previous", "title",
    "engine_readings",
})  # fmt: skip
_ORGANISME = frozenset({"id", "name", "esms_total", "fictitious"})
_SOLUTION = frozenset({"id", "name", "segur_referenced", "hosting", "champs", "segur_status", "fictitious"})
_ESMS = frozenset({
    "id", "name", "organisme", "champ", "category", "lat", "lon", "departement", "region", "need",
    "current_solution", "accepted_solutions", "accepted_hosting", "lot", "can_be_porteur",
    "commune", "position_origin", "fictitious",
})  # fmt: skip
_CONSTRAINTS = frozenset({"excluded", "apart", "together", "fixed_grappes"})
_SEGUR_STATUSES = ("referenced", "not_referenced", "unknown")
_LIST_OR_ANY = 'a list or "any"'
_POSITION_ORIGINS = ("surveyed", "address", "commune")


def read_instance(data: bytes | str | object) -> Instance:
    """The instance that a document holds: JSON text, or what was already parsed from it.

    Raises
    ------
    InstanceProblems
        Every problem at its path; reading stops after the first thousand.
    """
    try:
        value = json_text.parse(data) if isinstance(data, bytes | str) else data
    except DocumentProblems as refused:
        raise InstanceProblems(refused.problems) from None
    log = ProblemLog()
    instance = None
    with suppress(FloodError):
        instance = _instance(log, value)
    if instance is None or log:
        raise InstanceProblems(log.problems())
    return instance


def _instance(log: ProblemLog, value: object) -> Instance | None:
    if not isinstance(value, Mapping):
        log.add("", f"{shown(value)} is not an instance (an object)")
        return None
    root = Fields(log, value, "", _ROOT)
    given = root.raw("format")
    if given != INSTANCE_FORMAT and "format" in root:
        root.refuse("format", f"{shown(given)} is not {INSTANCE_FORMAT}")
    regime = root.choice("regime", Regime)
    parameters = _parameters(log, root, regime)
    organismes = _records(log, root, "organismes", _ORGANISME, _organisme)
    solutions = _records(log, root, "solutions", _SOLUTION, _solution)
    known = _Known({o.id: o for o in organismes if o.id}, {s.id: s for s in solutions if s.id})
    esms = _records(log, root, "esms", _ESMS, lambda f: _esms(f, known))
    if "esms" in root and not esms and value["esms"] in ([], ()):
        root.refuse("esms", "an empty list: there is nothing to group")
    by_id = {e.id: e for e in esms if e.id}
    constraints = _constraints(log, root, regime, parameters, known, by_id)
    previous = read_previous(log, root, known.solutions, by_id)
    title = root.optional_text("title")
    readings = _engine_readings(log, root)
    if log or regime is None:
        return None
    return Instance(regime, parameters, organismes, solutions, esms, constraints, previous, title, readings)


class _Known:
    """What the rest of the document may refer to."""

    def __init__(self, organismes: Mapping[str, Organisme], solutions: Mapping[str, DuiSolution]) -> None:
        self.organismes, self.solutions = organismes, solutions


def _parameters(log: ProblemLog, root: Fields, regime: Regime | None) -> Parameters:
    value = root.raw("parameters") if "parameters" in root else {}
    return read_parameters(log, value, regime)


def _engine_readings(log: ProblemLog, root: Fields) -> tuple[tuple[str, str], ...]:
    """Pairs of texts, by key; nothing here knows which contradictions the documents have."""
    if root.is_null("engine_readings"):
        return ()
    fields = Fields.of(log, root.raw("engine_readings"), "engine_readings", None)
    if fields is None:
        return ()
    keys = [key for key in fields if isinstance(key, str)]
    return tuple((key, fields.word(key, "an option")) for key in sorted(keys))


def _records(log: ProblemLog, root: Fields, key: str, known: frozenset[str], read: Any) -> tuple[Any, ...]:
    """The objects of a list, each read by ``read``; ids are told when they come twice."""
    records = []
    ids: set[str] = set()
    for place, value in enumerate(root.items(key)):
        fields = Fields.of(log, value, f"{key}[{place}]", known)
        if fields is None:
            continue
        record = read(fields)
        if record.id in ids:
            fields.refuse("id", f"{shown(record.id)} is given more than once")
        elif record.id:
            ids.add(record.id)
        records.append(record)
    return tuple(records)


def _organisme(f: Fields) -> Organisme:
    return Organisme(
        id=f.word("id", "an id"),
        name=f.text("name"),
        esms_total=f.whole("esms_total", least=0) or 0,
        fictitious=f.flag("fictitious", default=False),
    )


def _solution(f: Fields) -> DuiSolution:
    status = _one_of(f, "segur_status", _SEGUR_STATUSES)
    referenced = f.flag("segur_referenced")
    if status is not None and referenced != (status == "referenced"):
        f.refuse("segur_status", f"{shown(status)} does not go with segur_referenced: {shown(referenced)}")
    return DuiSolution(
        id=f.word("id", "an id"),
        name=f.text("name"),
        segur_referenced=referenced,
        hosting=f.words("hosting", Hosting),
        champs=f.words("champs", Champ),
        segur_status=status,
        fictitious=f.flag("fictitious", default=False),
    )


def _esms(f: Fields, known: _Known) -> Esms:
    need = f.choice("need", Need)
    return Esms(
        id=f.word("id", "an id"),
        name=f.text("name"),
        organisme=_reference(f, "organisme", known.organismes),
        champ=f.choice("champ", Champ) or Champ.PA,
        category=f.text("category"),
        lat=f.number("lat", "a latitude", -90, 90) or 0.0,
        lon=f.number("lon", "a longitude", -180, 180) or 0.0,
        departement=f.word("departement", "a code of departement"),
        region=f.word("region", "a code of region"),
        need=need or Need.AUCUN,
        current_solution=_current_solution(f, need, known.solutions),
        accepted_solutions=_accepted_solutions(f, known.solutions),
        accepted_hosting=_accepted_hosting(f),
        lot=f.optional_word("lot", "the name of a lot"),
        can_be_porteur=f.flag("can_be_porteur", default=True),
        commune=f.optional_text("commune"),
        position_origin=_one_of(f, "position_origin", _POSITION_ORIGINS),
        fictitious=f.flag("fictitious", default=False),
    )


def _reference(f: Fields, key: str, known: Mapping[str, Any]) -> str:
    id_ = f.word(key, "an id")
    if id_ and id_ not in known:
        f.refuse(key, f"{shown(id_)} is unknown")
    return id_


def _current_solution(f: Fields, need: Need | None, solutions: Mapping[str, DuiSolution]) -> str | None:
    needed = need in (Need.RENOUVELLEMENT, Need.MONTEE_DE_VERSION)
    if f.is_null("current_solution"):
        if needed:
            f.refuse("current_solution", f"missing: required for {need}")
        return None
    return _reference(f, "current_solution", solutions)


def _accepted_solutions(f: Fields, solutions: Mapping[str, DuiSolution]) -> frozenset[str] | None:
    if _is_any(f, "accepted_solutions"):
        return None
    return frozenset(
        id_ for _, id_ in f.ids("accepted_solutions", solutions, "the id of a solution", _LIST_OR_ANY)
    )


def _accepted_hosting(f: Fields) -> frozenset[Hosting] | None:
    return None if _is_any(f, "accepted_hosting") else f.words("accepted_hosting", Hosting, _LIST_OR_ANY)


def _is_any(f: Fields, key: str) -> bool:
    """Whether the key says "any"; a word that is no list and not "any" is told by the list's reading."""
    return key in f and f.raw(key) == "any"


def _one_of(f: Fields, key: str, words: tuple[str, ...]) -> str | None:
    """An optional word of a short list that only pages read."""
    value = f.optional_text(key)
    if value and value not in words:
        f.refuse(key, f"{shown(value)} is not one of {', '.join(words)}")
    return value or None


def _constraints(
    log: ProblemLog,
    root: Fields,
    regime: Regime | None,
    parameters: Parameters,
    known: _Known,
    esms: Mapping[str, Esms],
) -> Constraints:
    if "constraints" not in root:
        return Constraints()
    fields = Fields.of(log, root.raw("constraints"), "constraints", _CONSTRAINTS)
    if fields is None:
        return Constraints()
    excluded: frozenset[str] = frozenset()
    if "excluded" in fields:
        excluded = frozenset(id_ for _, id_ in fields.ids("excluded", esms, "the id of an ESMS"))
    apart, together = read_pairs(log, fields, known.organismes)
    fixed = fixed_grappes.read_fixed(log, fields, known.solutions, esms, excluded, parameters, regime)
    return Constraints(excluded, apart, together, fixed)

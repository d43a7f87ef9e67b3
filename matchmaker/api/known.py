"""Values that the data or the vocabulary list: calls, régions, publics, needs, disputed readings.

A value is checked when it is asked for; the specification names all of them.

When to modify: a document of the API names another thing of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from matchmaker.baremes import shipped_rules
from matchmaker.reference.territories import regions
from matchmaker.simulateur.questions import ALL_NEEDS
from solver.vocabulary import Champ

# stands in the place of a format, which the library keeps, until the specification is asked for
_MARK = "known-"


@dataclass(frozen=True, slots=True)
class Known:
    """Annotates a text (``calls``, ``regions``…) or a mapping (``readings``) whose values the data know."""

    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        check = _check_readings if self.what == "readings" else self._check
        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "format": _MARK + self.what}

    def _check(self, value: str) -> str:
        if value not in _values(self.what):
            raise ValueError(f"« {value[:60]} » n’est aucun de : {', '.join(_values(self.what))}.")
        return value


_LISTS: dict[str, Callable[[], Iterable[str]]] = {
    "calls": lambda: (call.id for call in shipped_rules().calls),
    "champs": lambda: (champ.value for champ in Champ),
    "needs": lambda: (need.value for need in ALL_NEEDS),
    "regions": regions,
}


def named(specification: Any) -> Any:
    """A part of the specification, each mark replaced by the values it stands for."""
    if isinstance(specification, list):
        return [named(part) for part in specification]
    if not isinstance(specification, dict):
        return specification
    mark = str(specification.get("format", ""))
    if not mark.startswith(_MARK):
        return {key: named(part) for key, part in specification.items()}
    found = {key: part for key, part in specification.items() if key != "format"}
    what = mark.removeprefix(_MARK)
    if what == "readings":
        found["properties"] = {k: {"type": "string", "enum": list(o)} for k, o in _options().items()}
        found["additionalProperties"] = False
    else:
        found["enum"] = list(_values(what))
    return found


def _values(what: str) -> tuple[str, ...]:
    return tuple(_LISTS[what]())


def _options() -> dict[str, tuple[str, ...]]:
    return {c.id: tuple(o.id for o in c.options) for c in shipped_rules().contradictions}


def _check_readings(chosen: dict[str, str]) -> dict[str, str]:
    known = _options()
    for reading, option in chosen.items():
        if reading not in known:
            raise ValueError(f"« {reading[:60]} » n’est aucune des lectures de /lectures.")
        if option not in known[reading]:
            raise ValueError(
                f"« {option[:60]} » n’est aucune option de {reading} : {', '.join(known[reading])}."
            )
    return chosen

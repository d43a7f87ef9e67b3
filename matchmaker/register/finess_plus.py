"""FINESS+ in JSON (« finess-structures »): one object, ``pmej`` organismes holding ``ege`` establishments.

Read one organisme at a time. Its names lie: ``coordonneeX/Y`` are longitude and latitude in degrees, while
``directionLongitude/Latitude`` are metres. Open and closed establishments are mixed (``etatObjet``).

When to modify: the schema version changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import IO, Any

import ijson
import numpy as np

from matchmaker.reference import commune, commune_named
from matchmaker.register import establishments, positions, source_file
from matchmaker.register.records import (
    FINESS,
    FINESS_EXPECTED,
    Closed,
    Item,
    OutOfScope,
    Refusal,
    shown,
)
from matchmaker.register.source_file import SourceFile, UnusableFileError

_ESTABLISHMENT_ADDRESS = "03"


def stated_date(file: SourceFile) -> dt.date | None:
    """The day of ``generatedAt``, else the one in the file's name."""
    with source_file.opened_bytes(file) as stream:
        try:
            stated = next(ijson.items(_Shallow(file, stream), "generatedAt"), None)
        except ijson.JSONError as error:
            raise _malformed(file, error) from error
    return source_file.iso_date(stated) if isinstance(stated, str) else source_file.date_in_name(file)


def items(file: SourceFile) -> Iterator[Item]:
    """Every establishment of the file and every refusal, in the order of the file.

    Raises
    ------
    UnusableFileError
        The JSON is malformed or truncated, or holds no ``pmej``.
    """
    seen = False
    with source_file.opened_bytes(file) as stream:
        try:
            for number, organisme in enumerate(
                ijson.items(_Shallow(file, stream), "pmej.item", use_float=True)
            ):
                seen = True
                yield from _organisme(f"pmej[{number}]", organisme)
        except ijson.JSONError as error:
            raise _malformed(file, error) from error
    if not seen:
        raise UnusableFileError(
            f"{file.name} : aucun organisme (« pmej »), ce n'est pas un flux FINESS+ « structures »"
        )


class _Shallow:
    """A stream that refuses absurd nesting: ijson keeps the whole path of each level, so that 100,000
    brackets would take tens of gigabytes. Brackets inside texts count too, hence a limit far above the
    eight levels of the schema."""

    _LIMIT = 2000
    _STEP = np.zeros(256, dtype=np.int8)
    _STEP[list(b"[{")] = 1
    _STEP[list(b"]}")] = -1

    def __init__(self, file: SourceFile, stream: IO[bytes]) -> None:
        self._file, self._stream, self._depth = file, stream, 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        if chunk:
            depths = np.cumsum(self._STEP[np.frombuffer(chunk, np.uint8)], dtype=np.int64) + self._depth
            self._depth = int(depths[-1])
            if depths.max() > self._LIMIT:
                raise UnusableFileError(
                    f"{self._file.name} : JSON imbriqué sans fin, ce n'est pas un flux FINESS+"
                )
        return chunk


def _malformed(file: SourceFile, error: Exception) -> UnusableFileError:
    detail = " ".join(str(error).split())[:120]
    return UnusableFileError(f"{file.name} : JSON mal formé ou tronqué, à télécharger de nouveau ({detail})")


def _organisme(place: str, organisme: Any) -> Iterator[Item]:
    if not isinstance(organisme, Mapping):
        yield Refusal(place, "pmej", shown(organisme), "un objet")
        return
    general = organisme.get("informationsGeneralesPMEJ")
    general = general if isinstance(general, Mapping) else {}
    finess_ej = _text(general, "numFinessPm")
    establishments_of = organisme.get("ege") or []
    if not isinstance(establishments_of, list):
        yield Refusal(place, "ege", shown(establishments_of), "une liste")
        return
    if not FINESS.fullmatch(finess_ej):
        yield Refusal(place, "numFinessPm", shown(finess_ej), FINESS_EXPECTED)
    name = _text(general, "denominationLonguePmSmsse") or _text(general, "denominationPm")
    for number, one in enumerate(establishments_of):
        yield from _establishment(f"{place}.ege[{number}]", one, finess_ej, name or None)


def _establishment(place: str, one: Any, finess_ej: str, organisme_name: str | None) -> Iterator[Item]:
    general = one.get("informationsGeneralesEGE") if isinstance(one, Mapping) else None
    if not isinstance(general, Mapping):
        yield Refusal(place, "informationsGeneralesEGE", shown(one), "un objet")
        return
    finess_et = _text(general, "numFinessEge")
    closing = _text(general, "dateFermeture")
    state = _text(one, "etatObjet")
    if state not in ("A", "I"):
        yield Refusal(place, "etatObjet", shown(state), "A (actif) ou I (inactif)")
        return
    if state == "I":
        yield Closed(place, finess_et, source_file.iso_date(closing))
        return
    category = _text(one, "categorieentiteGeographiqueExercice")
    address = _address(one)
    code = _text(address, "cogCommune")
    where = commune(code)
    if where is None and establishments.is_esms(category) and not establishments.is_elsewhere(code):
        where = commune_named(_text(address, "ligneAcheminement"), _text(address, "codePostal"))
        if where is None:
            yield Refusal(place, "cogCommune", shown(code), "une commune du code officiel géographique")
            return
    if where is None:
        yield OutOfScope(place, finess_et)
        return
    degrees = _degrees(address)
    if degrees == "wrong":
        yield Refusal(
            place,
            "coordonneeX",
            shown(address.get("coordonneesGeographique")),
            "une longitude et une latitude en degrés",
        )
    yield from establishments.from_finess(
        place,
        finess_et=finess_et,
        finess_ej=finess_ej,
        name=_text(general, "nomEgeLong") or _text(general, "nomEgeCourt"),
        organisme_name=organisme_name,
        category=category,
        address=_text(address, "ligneQuatre") or _text(address, "libelleVoie"),
        postal_code=_text(address, "codePostal"),
        commune=where,
        degrees=degrees if isinstance(degrees, tuple) else None,
        fields=("numFinessEge", "numFinessPm", "nomEgeCourt", "categorieentiteGeographiqueExercice"),
    )


def _address(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """The establishment's own address among up to 150, else the first."""
    stated = one.get("adresse")
    addresses = [a for a in stated if isinstance(a, Mapping)] if isinstance(stated, list) else []
    own = [a for a in addresses if a.get("usageAdresse") == _ESTABLISHMENT_ADDRESS]
    return (own or addresses or [{}])[0]


def _degrees(address: Mapping[str, Any]) -> tuple[float, float] | str | None:
    """(lat, lon); None when not stated; ``"wrong"`` when stated and not a point."""
    stated = address.get("coordonneesGeographique")
    if stated is None:
        return None
    if not isinstance(stated, Mapping):
        return "wrong"
    lon, lat = stated.get("coordonneeX"), stated.get("coordonneeY")
    if lon in (None, "") and lat in (None, ""):
        return None
    try:
        return positions.on_earth(float(str(lat)), float(str(lon))) or "wrong"
    except ValueError:
        return "wrong"


def _text(holder: Mapping[str, Any], key: str) -> str:
    value = holder.get(key)
    return value.strip() if isinstance(value, str) else ""

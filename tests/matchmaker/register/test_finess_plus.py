"""FINESS+: the real sample read as another program read it, and members that are broken."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from matchmaker.register import finess_plus, source_file
from matchmaker.register.records import Closed, Item, OutOfScope, Record, Refusal
from matchmaker.register.source_file import UnusableFileError
from tests.matchmaker.register.writing import FINESS_PLUS, ege, oracle, pmej


def _items(path: Path) -> list[Item]:
    return list(finess_plus.items(source_file.examine(path)))


def _written(path: Path, *organismes: Any, **head: Any) -> Path:
    document = (
        {"schemaVersion": "v1.0.0", "generatedAt": "2026-01-31T02:07:30Z"} | head | {"pmej": organismes}
    )
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def test_the_sample_says_what_another_program_read() -> None:
    items = _items(FINESS_PLUS)
    records = {item.finess_et: item for item in items if isinstance(item, Record)}
    expected = oracle()
    assert records.keys() == expected.keys()
    for number, record in records.items():
        row = expected[number]
        assert (record.finess_ej, record.category, record.champ) == (
            row["finess_ej"],
            row["categorie"],
            row["public_programme"],
        )
        at_home = record.category == "462"
        if row["source_position"] == "ban" and not at_home:
            assert (record.lat, record.lon) == (
                pytest.approx(float(row["lat"]), abs=1e-6),
                pytest.approx(float(row["lon"]), abs=1e-6),
            )
        else:
            assert record.lat is None
    assert sum(isinstance(item, Closed) for item in items) == 912
    assert records["010002848"].organisme_name == "ORGANISATION POUR LA SANTE ET L'ACCUEIL (ORSAC)"
    # six health categories newer than the nomenclature we ship
    assert sorted(i.value for i in items if isinstance(i, Refusal)) == [
        "616",
        "617",
        "637",
        "638",
        "638",
        "645",
    ]


def test_dates(tmp_path: Path) -> None:
    assert finess_plus.stated_date(source_file.examine(FINESS_PLUS)) == dt.date(2026, 8, 13)
    path = _written(tmp_path / "finess-structures-journalier-20250102.json", pmej(ege()), generatedAt=None)
    assert finess_plus.stated_date(source_file.examine(path)) == dt.date(2025, 1, 2)


def test_the_address_of_the_establishment_is_chosen(tmp_path: Path) -> None:
    own = ege()["adresse"][0]
    other = own | {"usageAdresse": "04", "cogCommune": "75112"}
    record = _items(_written(tmp_path / "f.json", pmej(ege(adresse=[other, own]))))[0]
    assert isinstance(record, Record)
    assert record.commune == "01053"


def test_a_position_is_longitude_then_latitude(tmp_path: Path) -> None:
    record = _items(_written(tmp_path / "f.json", pmej(ege())))[0]
    assert isinstance(record, Record)
    assert (record.lat, record.lon) == (46.205, 5.22)


def _with_coordinates(stated: Any) -> dict[str, Any]:
    one = ege("010000009")
    one["adresse"][0]["coordonneesGeographique"] = stated
    return one


def _with_general(**changes: Any) -> dict[str, Any]:
    one = ege("010000009")
    one["informationsGeneralesEGE"] |= changes
    return one


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ("une chaîne", "informationsGeneralesEGE"),
        (None, "informationsGeneralesEGE"),
        ([], "informationsGeneralesEGE"),
        ({}, "informationsGeneralesEGE"),
        (_with_general(numFinessEge=10000009), "numFinessEge"),
        (_with_general(numFinessEge="12"), "numFinessEge"),
        (_with_general(nomEgeCourt=None, nomEgeLong=None), "nomEgeCourt"),
        (ege("010000009", etatObjet="Z"), "etatObjet"),
        (ege("010000009", etatObjet=None), "etatObjet"),
        (ege("010000009", categorieentiteGeographiqueExercice=500), "categorieentiteGeographiqueExercice"),
        (ege("010000009", adresse=None), "cogCommune"),
        (ege("010000009", adresse="12 rue"), "cogCommune"),
    ],
)
def test_a_broken_establishment_loses_no_other(tmp_path: Path, broken: Any, field: str) -> None:
    items = _items(_written(tmp_path / "f.json", pmej(ege("010000001"), broken, ege("010000002"))))
    assert [i.finess_et for i in items if isinstance(i, Record)] == ["010000001", "010000002"]
    refusals = [i for i in items if isinstance(i, Refusal)]
    assert [(r.place, r.field) for r in refusals] == [("pmej[0].ege[1]", field)]


@pytest.mark.parametrize(
    "stated",
    [
        "46.2 5.2",
        {"coordonneeX": "x", "coordonneeY": "46"},
        {"coordonneeX": "5.2", "coordonneeY": "148.2"},
        {"coordonneeX": "5.2"},
        {"coordonneeX": "nan", "coordonneeY": "46"},
        {"coordonneeX": "870000.5", "coordonneeY": "6569000.1"},
    ],
)
def test_a_broken_position_is_reported_and_the_establishment_kept(tmp_path: Path, stated: Any) -> None:
    items = _items(_written(tmp_path / "f.json", pmej(_with_coordinates(stated))))
    refusal, record = items
    assert isinstance(refusal, Refusal)
    assert refusal.field == "coordonneeX"
    assert isinstance(record, Record)
    assert record.lat is None


@pytest.mark.parametrize("broken", ["texte", {"ege": "x"}, None])
def test_a_broken_organisme_loses_no_other(tmp_path: Path, broken: Any) -> None:
    items = _items(_written(tmp_path / "f.json", broken, pmej(ege())))
    assert [type(item) for item in items if not isinstance(item, Refusal)] == [Record]
    assert {i.place for i in items if isinstance(i, Refusal)} == {"pmej[0]"}


def test_an_organisme_without_number_says_so_for_each(tmp_path: Path) -> None:
    items = _items(_written(tmp_path / "f.json", pmej(ege(), number="")))
    assert [i.field for i in items if isinstance(i, Refusal)] == ["numFinessPm", "numFinessPm"]


def test_places_outside_the_regions_are_out_of_scope(tmp_path: Path) -> None:
    one = ege()
    one["adresse"][0]["cogCommune"] = "98818"
    miquelon = ege("010000002")
    miquelon["adresse"][0]["cogCommune"] = "97502"
    items = _items(_written(tmp_path / "f.json", pmej(one, miquelon)))
    assert [type(item) for item in items] == [OutOfScope, OutOfScope]


@pytest.mark.parametrize(
    "content",
    [
        b'{"pmej": [{"ege": [',
        b'{"pmej": []}',
        b"{}",
        b'{"autre": 1}',
        b'{"pmej": [NaN]}',
        b"{" + b'"a":' + b"[" * 100_000,
        b'{"pmej": {"ege": []}} trailing',
    ],
)
def test_a_file_that_is_not_finess_plus(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError, match=r"f\.json"):
        _items(path)


def test_a_truncated_archive(tmp_path: Path) -> None:
    whole = FINESS_PLUS.read_bytes()
    path = tmp_path / "f.json.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnusableFileError, match="tronqué"):
        source_file.examine(path)
    damaged = bytearray(gzip.compress(b"{" + bytes(range(32, 127)) * 5000))
    damaged[200:220] = b"\xff" * 20
    path.write_bytes(bytes(damaged))
    with pytest.raises(UnusableFileError, match="abîmé"):
        source_file.examine(path)

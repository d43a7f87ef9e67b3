"""The elderly-care list: the real one, and lines that are broken."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from matchmaker.register import elderly_care, source_file
from matchmaker.register.records import Item, OutOfScope, Record, Refusal
from matchmaker.register.source_file import UnusableFileError
from tests.matchmaker.register.writing import ELDERLY_CARE


def _items(path: Path) -> list[Item]:
    return list(elderly_care.items(source_file.examine(path)))


def _lines() -> list[str]:
    return gzip.decompress(ELDERLY_CARE.read_bytes()).decode("utf-8").splitlines()


def _changed(line: str, **changes: str) -> str:
    header = next(csv.reader([_lines()[0]]))
    values = dict(zip(header, next(csv.reader([line])), strict=True)) | changes
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values.values())
    return out.getvalue()


def test_the_real_list() -> None:
    items = _items(ELDERLY_CARE)
    records = [item for item in items if isinstance(item, Record)]
    assert len(items) == 10_895
    assert sum(isinstance(item, OutOfScope) for item in items) == 593  # long-stay care is health care
    refusals = [item for item in items if isinstance(item, Refusal)]
    assert sorted({refusal.field for refusal in refusals}) == ["categorie_deduite", "code_insee"]
    assert len(records) == 10_895 - 593 - len(refusals) == 10_282
    assert {record.champ for record in records} == {"PA"}
    assert sum(record.category == "" for record in records) == 250  # EHPA, 501 or 502
    assert {record.finess_ej for record in records} == {None}
    # the nameless are organismes of their own
    nameless = [r.organisme_key for r in records if r.organisme_key.startswith("et:")]
    assert len(nameless) == len(set(nameless)) == 8
    assert sum(r.lat is None for r in records) == 16  # the list itself only knew the commune


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"finess_et": "12"}, "finess_et"),
        ({"categorie_deduite": "999"}, "categorie_deduite"),
        ({"nom": ""}, "nom"),
        ({"medicalise": "peut-être"}, "medicalise"),
        ({"capacite": "-3"}, "capacite"),
        ({"capacite": "1e9"}, "capacite"),
        ({"code_insee": "99999", "commune": "Nulle Part"}, "code_insee"),
        ({"gestionnaire_cle": "x" * 191}, "gestionnaire_cle"),
    ],
)
def test_a_broken_line_is_named_and_loses_no_other(
    tmp_path: Path, changes: dict[str, str], field: str
) -> None:
    header, first, second, third = _lines()[:4]
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([header, first, _changed(second, **changes), third]), encoding="utf-8")
    items = _items(path)
    assert [type(item) for item in items] == [Record, Refusal, Record]
    assert isinstance(items[1], Refusal)
    assert (items[1].place, items[1].field) == ("ligne 3", field)


@pytest.mark.parametrize("line", ['010,"sans fin', "trop;peu", ",".join("x" * 40)])
def test_a_line_of_another_shape(tmp_path: Path, line: str) -> None:
    header, first = _lines()[:2]
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([header, line, first]), encoding="utf-8")
    assert [type(item) for item in _items(path)] == [Refusal, Record]


def test_a_broken_position_keeps_the_establishment(tmp_path: Path) -> None:
    header, first = _lines()[:2]
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([header, _changed(first, lat="148.2")]), encoding="utf-8")
    refusal, record = _items(path)
    assert isinstance(refusal, Refusal)
    assert isinstance(record, Record)
    assert record.lat is None


def test_another_csv_is_refused_with_the_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "autre.csv"
    path.write_text("finess_et,nom\n010000001,X\n", encoding="utf-8")
    with pytest.raises(UnusableFileError, match="gestionnaire_cle"):
        _items(path)

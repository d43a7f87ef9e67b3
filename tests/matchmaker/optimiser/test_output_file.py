"""Tests of the file a command writes: refused early, whole or absent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from matchmaker.optimiser.output_file import refusal, text_of, write_whole


def test_a_place_that_can_be_written_is_not_refused_and_left_untouched(tmp_path: Path) -> None:
    assert refusal(tmp_path / "proposal.json") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent/proposal.json", "No such file or directory"),
        ("file/proposal.json", "Not a directory"),
        ("folder", "is a directory"),
        ("loop", "loop"),
        ("nul\0", "null"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_with_its_cause(
    tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file, not a folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    told = refusal(tmp_path / name)
    assert told is not None
    assert words in told


def test_writing_replaces_the_old_file_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "proposal.json"
    target.write_text("old")
    target.chmod(0o640)
    write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["proposal.json"]


def test_a_new_file_has_the_rights_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "proposal.json", b"{}")
    finally:
        os.umask(before)
    assert (tmp_path / "proposal.json").stat().st_mode & 0o777 == 0o640


def test_a_link_keeps_pointing_to_the_file_it_names(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "kept" / "proposal.json")
    write_whole(link, b"{}")
    assert link.is_symlink()
    assert (tmp_path / "kept" / "proposal.json").read_bytes() == b"{}"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    assert refusal(Path(os.devnull)) is None
    write_whole(Path(os.devnull), b"{}")
    assert Path(os.devnull).is_char_device()


def test_the_text_of_a_document_is_json_with_a_line_for_each_object_of_a_list() -> None:
    document = {
        "nom": "Ségur « é » \u2028\n", "rien": None, "vide": [], "objet": {}, "nombres": [1, 2.5],
        "grappes": [{"id": "G1", "lignes": [{"a": 1}]}, {"id": "G2", "lignes": []}],
    }  # fmt: skip
    text = text_of(document).decode()
    assert json.loads(text) == document
    assert "Ségur" in text
    assert len(text.split("\n")) == 2 + len(document) + 3  # two grappes and the end of their list
    assert json.loads(text_of({})) == {}
    with pytest.raises(ValueError, match="JSON compliant"):
        text_of({"grappes": [{"km": float("nan")}]})

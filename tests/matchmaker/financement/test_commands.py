"""``sensibilite`` and ``ce-qui-change`` on a plan that the solver just wrote; what they refuse, in French."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchmaker.cli import group
from tests.matchmaker.proposals.pair import pair

ADDITION = Path(__file__).parent / "appel-2024"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An instance of 42 ESMS and the first proposal that the solver finds for it."""
    folder = tmp_path_factory.mktemp("plan")
    instance, proposal = folder / "instance.json", folder / "proposition.json"
    instance.write_text(json.dumps(pair()[0]), encoding="utf-8")
    command = [sys.executable, "-m", "matchmaker", "solve", str(instance), "--output", str(proposal)]
    subprocess.run([*command, "--gap", "1", "--time-limit", "20"], check=True, capture_output=True)
    return str(instance), str(proposal)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments))


def test_a_plan_is_told_what_it_hangs_on(files: tuple[str, str]) -> None:
    result = run("sensibilite", *files)
    assert result.exit_code == 0, result.output
    assert "(montant maximal indicatif). Règles 2026-11-22" in result.output
    assert "K16. Jusqu’à quand déposer en Occitanie" in result.output
    assert "Sans effet sur ce plan : " in result.output
    assert "\u00a0" not in result.output
    data = json.loads(run("sensibilite", *files, "--json").output)
    stored = json.loads(Path(files[1]).read_text(encoding="utf-8"))
    assert data["total_eur"] == stored["funding_eur"]
    assert {v["contradiction"] for v in data["variants"]} >= {"K01", "K10", "K16", "K26"}


def test_a_plan_is_told_what_another_call_changes(files: tuple[str, str]) -> None:
    result = run("ce-qui-change", *files, "--appel", "essai-2024", "--ajout", str(ADDITION))
    assert result.exit_code == 0, result.output
    assert "Ce qui change pour vos grappes, de « Généralisation 2022 » à « Essai 2024 »" in result.output
    assert "Nombre minimal d’ESMS d’une grappe (R03) : au moins 15 ESMS -> au moins 20 ESMS" in result.output
    assert "Il vous manque " in result.output
    options = ("--appel", "amorcage-2021", "--jour", "2021-09-01", "--json")
    data = json.loads(run("ce-qui-change", *files, *options).output)
    assert data["before_eur"] == json.loads(Path(files[1]).read_text(encoding="utf-8"))["funding_eur"]
    assert all(line["citations"] for g in data["grappes"] for line in g["trace"])


def test_what_cannot_be_used_is_refused_in_a_sentence(files: tuple[str, str], tmp_path: Path) -> None:
    unknown = run("ce-qui-change", *files, "--appel", "essai-2024")
    assert unknown.exit_code == 1
    assert unknown.output.endswith("L’appel à projets « essai-2024 » n’est pas connu.\n")
    forged = json.loads(Path(files[1]).read_text(encoding="utf-8"))
    forged["grappes"][0]["funding_eur"] += 1
    path = tmp_path / "fausse.json"
    path.write_text(json.dumps(forged), encoding="utf-8")
    refused = run("sensibilite", files[0], str(path))
    assert refused.exit_code == 1
    assert "ne correspond pas" in refused.output
    path.write_text("{", encoding="utf-8")
    assert "document refusé" in run("sensibilite", str(path), files[1]).output
    assert "document refusé" in run("sensibilite", files[0], str(path)).output
    (tmp_path / "ajout").mkdir()
    (tmp_path / "ajout" / "regime.toml").write_text("x = 1\n", encoding="utf-8")
    bad = run("ce-qui-change", *files, "--appel", "amorcage-2021", "--ajout", str(tmp_path / "ajout"))
    assert bad.exit_code == 1
    assert bad.output.endswith("ajout/regime.toml: fichier inconnu\n")

"""``matchmaker check-baremes``, as a person runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchmaker import shipped
from matchmaker.baremes import shipped_rules
from matchmaker.baremes.commands import all_citations
from matchmaker.cli import group


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["check-baremes", *arguments])


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Transcriptions that hold every heading and quote of the rules, in any order."""
    words: dict[str, list[str]] = {d.file: [] for d in shipped_rules().documents}
    for _, citation in all_citations(shipped_rules()):
        words[citation.document.file] += [*citation.heading.split(" – "), citation.quote]
    for name, lines in words.items():
        (tmp_path / name).write_text("\n\n".join(lines), encoding="utf-8")
    return tmp_path


def test_the_shipped_rules_are_sound() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Règles {shipped_rules().version} : ")


def test_every_problem_is_printed_and_the_command_fails(tmp_path: Path) -> None:
    folder = tmp_path / "baremes"
    shutil.copytree(shipped.DATA / "baremes", folder)
    path = folder / "mesures" / "equipement.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("value = 20000", "value = 21000"), encoding="utf-8"
    )
    result = run(str(folder))
    assert result.exit_code == 1
    first = result.stderr.splitlines()[0]
    assert (
        first == "mesures/equipement.toml: version[0].citation[0].quote : la citation ne contient pas 21000"
    )
    assert len(result.stderr.splitlines()) == 7


def test_quotes_are_looked_for_in_the_documents(sources: Path) -> None:
    result = run("--sources", str(sources))
    assert result.exit_code == 0, result.output
    assert "Chaque citation et chaque titre se trouvent dans leur document." in result.output


def test_a_quote_that_the_document_does_not_say_is_named(sources: Path) -> None:
    path = next(sources.glob("003*"))
    path.write_text(
        path.read_text(encoding="utf-8").replace("un minimum de 15 ESMS", "16 ESMS"), encoding="utf-8"
    )
    result = run("--sources", str(sources))
    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"mesures/seuil.toml: version[1] : absent de {path.name} : « un minimum de 15"
    )


def test_a_missing_document_is_named(sources: Path) -> None:
    path = next(sources.glob("002*"))
    path.unlink()
    result = run("--sources", str(sources))
    assert result.exit_code == 1
    assert f"{path.name} : illisible" in result.stderr

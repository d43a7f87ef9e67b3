"""The whole command line speaks French, whatever the language of the machine."""

from __future__ import annotations

import gettext
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

import click
import pytest
from babel.messages import Catalog, mofile, pofile
from click.testing import CliRunner

from matchmaker import cli, shipped

CATALOGUE = shipped.LANGUAGES / "fr" / "LC_MESSAGES"
ENGLISH = re.compile(r"\b(Usage:|Show this|default:|required|Commands|Error|Try|INTEGER|TEXT|FLOAT|the)\b")


@pytest.fixture
def french(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As ``main`` sets it, and back as it was."""
    before = gettext.textdomain()
    monkeypatch.setenv("LANGUAGE", "en")
    cli._speak_french()
    for name in cli.COMMANDS:  # a command keeps the words of the first help that it gave
        command = cli.group.get_command(click.Context(cli.group), name)
        monkeypatch.setattr(command, "_help_option", None)
    monkeypatch.setattr(cli.group, "_help_option", None)
    yield
    gettext.textdomain(before)


@pytest.mark.parametrize("command", [[], *([name] for name in sorted(cli.COMMANDS))], ids=str)
def test_help_is_french(french: None, command: list[str]) -> None:
    """Tests the help of every command: headings, defaults, and no word of the library's own."""
    said = CliRunner().invoke(cli.group, [*command, "--help"], prog_name="matchmaker").output
    assert said.startswith("Usage : matchmaker")
    assert "Afficher cette aide et quitter." in said
    assert not ENGLISH.search(said), said


def test_a_mistake_is_told_in_french_on_an_english_machine() -> None:
    """Tests the real program, with the environment of a machine in English."""
    environment = {"LANG": "en_US.UTF-8", "LANGUAGE": "en", "PYTHONPATH": str(shipped.DATA.parent)}
    run = subprocess.run(
        [sys.executable, "-m", "matchmaker", "start", "--prot", "1"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "Erreur : L’option '--prot' n’existe pas." in run.stderr.replace("\u00a0", " ")
    assert "affiche l’aide" in run.stderr


def words_of(catalogue: Catalog) -> dict[str, str]:
    """Message -> its translation, both forms of a plural; without the head of the file."""

    def text(words: str | Sequence[str]) -> str:
        return words if isinstance(words, str) else "|".join(words)

    return {text(message.id): text(message.string) for message in catalogue if message.id}


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    """Tests that nobody changed one file without the other."""
    with (CATALOGUE / "click.po").open("rb") as source, (CATALOGUE / "click.mo").open("rb") as compiled:
        written, used = words_of(pofile.read_po(source)), words_of(mofile.read_mo(compiled))
    assert used == written
    assert len(used) > 40

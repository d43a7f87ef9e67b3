"""The glossary is held against the code: its identifiers are used, the banned synonyms are not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"

# where the register's own records, établissements of FINESS, are read or made
_REGISTERED = tuple(
    f"matchmaker/{room}" for room in ("register", "campaigns", "database", "demo", "accounts")
)
# word -> (identifier to use, folders where the word has another meaning)
BANNED = {
    "cluster": ("grappe", ()),
    "clusters": ("grappes", ()),
    "lead": ("porteur", ()),
    "leader": ("porteur", ()),
    "facility": ("esms", ()),
    "esmses": ("esms", ()),
    "etablissement": (
        "esms",
        _REGISTERED,
    ),
    "etablissements": (
        "esms",
        _REGISTERED,
    ),
    "operator": ("organisme", ()),
    "vendor": ("editor", ()),
    "subsidy": ("funding", ()),
}


def modules() -> Iterator[Path]:
    for room in ("matchmaker", "solver"):
        yield from sorted((ROOT / room).rglob("*.py"))


@cache
def identifiers(path: Path) -> frozenset[str]:
    """Names that a module defines or uses, and the module's own."""
    return frozenset(_named(path))


def _named(path: Path) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Constant(value=str(name)) if name.isidentifier():
                yield name


def words_of(identifier: str) -> list[str]:
    """``EsmsCount_by_og`` -> esms, count, by, og."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", identifier).lower().split("_")


def terms() -> list[tuple[str, list[str], str, str]]:
    """The lines of the glossary's tables: term, identifiers, definition, source."""
    found = []
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] != "term" and set(cells[0]) != {"-"}:
            found.append((cells[0], re.findall(r"`([^`]+)`", cells[1]), cells[2], cells[3]))
    return found


def test_every_line_is_whole() -> None:
    """Tests that a term has an identifier, a definition and a source."""
    lines = terms()
    assert len(lines) >= 40
    assert [term for term, own, definition, source in lines if not (own and definition and source)] == []


@pytest.fixture(scope="module")
def used() -> frozenset[str]:
    names = {name for path in modules() for name in identifiers(path)}
    return frozenset(names) | {word for name in names for word in words_of(name)}


def test_every_identifier_is_used_in_the_code(used: frozenset[str]) -> None:
    """Tests that the glossary speaks of this code: `esms` alone or as a word of a longer name."""
    missing = [name for _, own, _, _ in terms() for name in own if name not in used]
    assert missing == []


def test_no_banned_synonym_is_used() -> None:
    """Tests that one thing has one name; the message says where and which name to use."""
    wrong = []
    for path in modules():
        place = path.relative_to(ROOT).as_posix()
        for name in identifiers(path):
            for word in words_of(name):
                wanted, elsewhere = BANNED.get(word, ("", ()))
                if wanted and not place.startswith(elsewhere or ("no folder",)):
                    wrong.append(f"{place}: {name}: say {wanted}")
    assert wrong == []


def test_a_rule_named_as_a_source_is_in_the_register() -> None:
    """Tests that R and K numbers of the glossary are known to the shipped rules."""
    known = (ROOT / "data/baremes/registre.toml").read_text(encoding="utf-8")
    known += (ROOT / "data/baremes/contradictions.toml").read_text(encoding="utf-8")
    named = {number for *_, source in terms() for number in re.findall(r"\b[RK]\d\d\b", source)}
    assert len(named) > 15
    assert [number for number in sorted(named) if f'id = "{number}"' not in known] == []

"""The house keeps its shape: rooms at the root, one-way imports, no foreign words."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ROOMS = {"matchmaker", "solver", "templates", "static", "data", "tests", "docs", "benchmarks", ".ci"}
ROOT_FILES = {
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "manage.sh",
    "pyproject.toml",
    "requirements-dev.lock",
    "requirements.lock",
}
TEXT_SUFFIXES = {".py", ".md", ".toml", ".html", ".js", ".css", ".sh", ".lock", ".json", ".txt", ""}


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def lint_imports(folder: Path) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def test_there_is_no_other_room() -> None:
    """Tests that the root holds the fixed rooms and the usual files, and nothing else."""
    files = tracked()
    assert {path.parts[0] for path in files if len(path.parts) > 1} <= ROOMS
    assert {path.name for path in files if len(path.parts) == 1} == ROOT_FILES


def test_imports_point_one_way() -> None:
    """Tests the import contracts of pyproject.toml, and that none of them has an exception."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert len(contracts["contracts"]) >= 6
    assert not [c["name"] for c in contracts["contracts"] if c.get("ignore_imports")]
    code, said = lint_imports(ROOT)
    assert code == 0, said[-3000:]


def test_a_wrong_import_is_caught(tmp_path: Path) -> None:
    """Tests that the contracts bite: the same tree with one import upwards is refused."""
    for name in ("matchmaker", "solver", "pyproject.toml"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path / name)], check=True)
    faulty = tmp_path / "solver" / "judge" / "__init__.py"
    faulty.write_text(faulty.read_text(encoding="utf-8") + "\nimport solver.search\n", encoding="utf-8")
    code, said = lint_imports(tmp_path)
    assert code == 1
    assert "solver.judge" in said


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_carry_hashes_and_no_address(lock: str) -> None:
    """Tests that each pinned package has a hash and that no download address is written."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    pins = [block for block in re.split(r"\n(?=\S)", text) if "==" in block.splitlines()[0]]
    assert len(pins) > 20
    assert not [block.splitlines()[0] for block in pins if "--hash=sha256:" not in block]


def test_every_dependency_is_locked() -> None:
    """Tests that the lock was made again after pyproject.toml changed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
    }
    for lock, requirements in wanted.items():
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert names(requirements) <= set(re.findall(r"^([a-z0-9.-]+)==", text, re.MULTILINE)), lock


def test_every_dependency_is_used() -> None:
    """Tests that each runtime dependency is imported somewhere in the code (or loaded by name)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module_of = {
        "flask-htmx": "flask_htmx",
        "flask-wtf": "flask_wtf",
        "jinja2-fragments": "jinja2_fragments",
        "python-calamine": "python_calamine",
        "argon2-cffi": "argon2",
        "psycopg": "postgresql",  # the driver that SQLAlchemy and Huey load for these URLs
    }
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("matchmaker", "solver")
        for path in (ROOT / room).rglob("*.py")
    )
    for name in names(project["project"]["dependencies"]):
        module = module_of.get(name, name)
        assert re.search(rf"\b{re.escape(module)}\b", code), f"{name} is declared but never used"


def test_no_path_of_a_machine_and_no_registry() -> None:
    """Tests that nothing tracked names a developer's machine or a package registry's host."""
    forbidden = re.compile(r"/work/|/root/|/home/[a-z]|pypi\.org|pythonhosted|registry\.npmjs")
    found = []
    for path in tracked():
        if path.suffix not in TEXT_SUFFIXES or path.parts[:2] == ("static", "vendor") or path == THIS:
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                found.append(f"{path}:{number}")
    assert not found


THIS = Path(__file__).resolve().relative_to(ROOT)


def test_documents_link_to_what_exists() -> None:
    """Tests every relative link of the documents."""
    pages = [path for path in tracked() if path.suffix == ".md"]
    assert pages
    broken = []
    for page in pages:
        text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target or target.startswith(("#", "mailto:")):
                continue
            if not (ROOT / page.parent / target.split("#")[0]).exists():
                broken.append(f"{page}: {target}")
    assert not broken

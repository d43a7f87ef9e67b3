"""Folders of rules laid one over the other: a new call is a folder that adds, and edits nothing.

When to modify: a rules file is added to the folder, or a layer may do more than add.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matchmaker.baremes.strict_toml import Problems, Table


class Layers:
    """The files of a base folder and of its additions, each read once.

    The digest tells two states of one edition apart. A file that the base must have and an addition lacks is
    simply not added to.
    """

    def __init__(self, base: Path, additions: Sequence[Path], problems: Problems) -> None:
        self._folders = (base, *additions)
        self._problems = problems
        self._hash = hashlib.sha256()
        self._read: set[Path] = set()

    def table(self, name: str) -> Table:
        """A file of the base."""
        return self._table(self._folders[0], name)

    def tables(self, name: str) -> Iterator[Table]:
        """That file in every folder that has it; the base's problem when it has not."""
        for folder in self._folders:
            if folder is self._folders[0] or (folder / name).is_file():
                yield self._table(folder, name)

    def rows(self, name: str, key: str) -> list[Table]:
        """The tables of an array, all folders together."""
        found = []
        for table in self.tables(name):
            found += table.tables(key)
            table.close()
        return found

    def folder(self, name: str) -> Iterator[tuple[str, Table]]:
        """Every TOML file of a sub-folder, with its stem, the base's first."""
        for folder in self._folders:
            for path in sorted((folder / name).glob("*.toml")):
                yield path.stem, self._table(folder, f"{name}/{path.name}")

    def unread(self) -> list[str]:
        """TOML files that nobody asked for: a misspelt name must not be silently without effect."""
        found = []
        for folder in self._folders:
            for path in sorted(folder.rglob("*.toml")):
                if path not in self._read:
                    found.append(
                        f"{self._shown(folder, path.relative_to(folder).as_posix())}: fichier inconnu"
                    )
        return found

    def digest(self) -> str:
        return self._hash.hexdigest()[:8]

    def _table(self, folder: Path, name: str) -> Table:
        shown = self._shown(folder, name)
        self._read.add(folder / name)
        return Table(self._data(folder / name, shown), shown, "", self._problems)

    def _shown(self, folder: Path, name: str) -> str:
        return name if folder is self._folders[0] else f"{folder.name}/{name}"

    def _data(self, path: Path, shown: str) -> Mapping[str, Any]:
        try:
            text = path.read_text(encoding="utf-8")
            self._hash.update(f"{shown}\n{text}".encode())
            return tomllib.loads(text)
        except OSError as error:
            self._problems.append(f"{shown}: fichier illisible ({error.strerror})")
        except UnicodeDecodeError:
            self._problems.append(f"{shown}: le fichier n’est pas en UTF-8")
        except tomllib.TOMLDecodeError as error:
            self._problems.append(f"{shown}: TOML incorrect ({error})")
        return {}

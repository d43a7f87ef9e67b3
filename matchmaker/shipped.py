"""Where the files that travel with the program are: data, templates, static.

In a checkout they are the rooms beside this package; in an installed wheel they are inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_shipped"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

DATA = _ROOT / "data"
TEMPLATES = _ROOT / "templates"
STATIC = _ROOT / "static"
LANGUAGES = DATA / "langues"

"""The files of others that travel with the program are the ones that were looked at, with their licence."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from matchmaker import shipped

VENDOR = shipped.STATIC / "vendor"


def manifest() -> list[dict[str, str]]:
    entries: list[dict[str, str]] = json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))
    return entries


def sha384(path: str) -> str:
    return base64.b64encode(hashlib.sha384((VENDOR / path).read_bytes()).digest()).decode()


def test_every_vendored_file_has_its_hash_and_licence() -> None:
    """Tests that MANIFEST.json names every file, and that no file changed since."""
    listed = {entry["path"]: entry for entry in manifest()}
    present = {
        str(path.relative_to(VENDOR))
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in ("LICENSE", "MANIFEST.json")
    }
    assert present == set(listed)
    for path, entry in listed.items():
        assert sha384(path) == entry["sha384"], path
        assert entry["licence"]
        assert (VENDOR / path.split("/")[0] / "LICENSE").is_file()
        assert entry["version"] in path.split("/")[0]


def test_integrity_in_templates_is_that_of_the_files() -> None:
    """Tests the ``integrity`` of each vendored script and style of the templates against its file."""
    seen = 0
    for template in shipped.TEMPLATES.rglob("*.html"):
        for tag in re.findall(r"<(?:script|link)\b[^>]*>", template.read_text(encoding="utf-8")):
            file = re.search(r"filename='vendor/([^']+)'", tag)
            if file is None or ("<link" in tag and 'rel="stylesheet"' not in tag):
                continue
            found = re.search(r'integrity="sha384-([^"]+)"', tag)
            assert found, f"{template.name}: no integrity: {tag}"
            assert sha384(file[1]) == found[1], file[1]
            seen += 1
    assert seen >= 4

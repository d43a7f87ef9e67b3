"""What is shipped is what SOURCES.md says, and the maps hold every territory."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from matchmaker import reference, shipped

FOLDER = shipped.DATA / "reference"


def test_every_file_has_its_size_and_sum_in_the_sources() -> None:
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    stated = {
        name: (int(size), digest)
        for name, size, digest in re.findall(r"^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{64})` \|$", text, re.M)
    }
    actual = {
        path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in FOLDER.iterdir()
        if path.name != "SOURCES.md"
    }
    assert stated == actual
    assert max(size for size, _ in actual.values()) < 1_500_000
    for name in actual:
        assert re.search(rf"^## .*{re.escape(name)}", text, re.M), f"{name} has no section"


def test_the_elderly_care_list_is_for_tests_and_demonstration() -> None:
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    assert "licence non vérifiée : essais et démonstration" in text


def test_outlines_hold_every_territory() -> None:
    maps = shipped.STATIC / "maps"
    assert _codes(maps / "regions.json") == set(reference.regions())
    assert _codes(maps / "departements.json") == set(reference.departements())
    for region in reference.regions().values():
        assert _codes(maps / f"departements-{region.code}.json") == set(region.departements)


def _codes(path: Path) -> set[str]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["code"] for feature in features}

"""Take the README's picture: the first plan of a running demonstration, as it is seen on a narrow screen.

    ./manage.sh start        # in another window, until its first run is over
    python -m benchmarks.picture http://127.0.0.1:8000/plans/1

The figures of the README's « real result » are then those of the same plan.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "plan.png"
WIDTH, HEIGHT = 1100, 1289


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("page", help="address of the plan")
    parser.add_argument("--output", type=Path, default=PICTURE)
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR")
        page.goto(given.page, wait_until="networkidle")
        page.screenshot(path=given.output)
        browser.close()


if __name__ == "__main__":
    main()

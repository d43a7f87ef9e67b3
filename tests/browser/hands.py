"""Hands on a page, whose time is counted: 0.28 s a key, 1.1 s to point, 1.35 s to decide (keystroke level).

What the hands do is really done; the seconds are those of a person, not of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

KEY, POINT, DECIDE = 0.28, 1.1, 1.35


@dataclass
class Hands:
    """``seconds``: counted so far; ``steps``: what was done, with the count after it."""

    page: Page
    seconds: float = 0.0
    steps: list[tuple[str, float]] = field(default_factory=list)

    def click(self, target: Locator) -> None:
        """Decide, point, press."""
        self._count(f"clic {target}", DECIDE + POINT + KEY)
        target.click()

    def type(self, target: Locator, text: str) -> None:
        """Decide, point at the field, type each key."""
        self._count(f"saisie de {len(text)} caractères", DECIDE + POINT + KEY * (1 + len(text)))
        target.click()
        target.press_sequentially(text)

    def press(self, key: str, times: int = 1) -> None:
        """Keys alone; the first of them is decided."""
        self._count(f"touche {key} × {times}", DECIDE + KEY * times)
        for _ in range(times):
            self.page.keyboard.press(key)

    def choose(self, target: Locator, label: str) -> None:
        """A list: decide, point at it, open it, point at a line, press."""
        self._count(f"choix de {label}", DECIDE + 2 * (POINT + KEY))
        target.select_option(label=label)

    def read(self, what: str, decisions: int = 1) -> None:
        """Look for something on the page before acting."""
        self._count(f"lecture : {what}", DECIDE * decisions)

    def _count(self, what: str, seconds: float) -> None:
        self.seconds += seconds
        self.steps.append((what, round(self.seconds, 1)))

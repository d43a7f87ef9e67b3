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

    def reach(self, target: Locator) -> None:
        """Put the focus there, uncounted."""
        target.focus()

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


class Keys(Hands):
    """Hands without a pointer: what is clicked or filled in is reached by Tab, from where the focus is.

    ``tabs``: how many times Tab was pressed.
    """

    tabs: int = 0

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is there; it must be seen there."""
        target.wait_for()
        for count in range(_MOST_TABS):
            if target.evaluate(_FOCUSED):
                self._count(f"{count} × Tab", DECIDE + KEY * count)
                self.tabs += count
                self._seen(target)
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached by Tab: {target}")

    def _seen(self, target: Locator) -> None:
        """The focus is drawn and in the window, at the latest once a save is answered."""
        for _ in range(_LOOKS):
            if self.page.evaluate(_SEEN):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the focus is not seen: {target}")

    def click(self, target: Locator) -> None:
        """Reach it, then Enter, or the space bar for a box."""
        self.reach(target)
        self._count(f"touche {target}", KEY)
        self.page.keyboard.press("Space" if target.evaluate(_IS_BOX) else "Enter")

    def type(self, target: Locator, text: str) -> None:
        self.reach(target)
        self._count(f"saisie de {len(text)} caractères", KEY * len(text))
        self.page.keyboard.type(text)

    def choose(self, target: Locator, label: str) -> None:
        """A list: the first letters of the line."""
        self.reach(target)
        self._count(f"choix de {label}", KEY * 3)
        self.page.keyboard.type(label[:3])
        assert target.evaluate("e => e.selectedOptions[0].label").startswith(label[:3])


_MOST_TABS = 200
_LOOKS = 40
_FOCUSED = "e => (e.closest('a,button,summary,select,input,textarea') || e) === document.activeElement"
_IS_BOX = "e => e.matches('input[type=checkbox], input[type=radio]')"
_SEEN = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  const drawn = one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  };
  const near = [it, it.nextElementSibling, it.parentElement].filter(Boolean);
  return near.some(drawn) && box.width > 0 && box.top < innerHeight && box.bottom > 0;
}"""

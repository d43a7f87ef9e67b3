"""Is this amount in these words, and are these words in that document?

When to modify: a document writes an amount in a way not known here.
"""

from __future__ import annotations

import re

_IN_WORDS = {8: "huit", 15: "quinze"}


def says_euros(quote: str, euros: int) -> bool:
    """Whether the quote carries the amount: "14,5 k€", "25K€" or "14 500 €" for 14500."""
    thousands = f"{euros / 1000:g}".replace(".", ",")
    grouped = f"{euros:,}".replace(",", r"\s?")
    return _says(quote, rf"{thousands}\s*k€") or _says(quote, rf"{grouped}\s*€")


def says_count(quote: str, count: int) -> bool:
    """Whether the quote carries the number, in figures or in words."""
    word = _IN_WORDS.get(count)
    return _says(quote, rf"{count}(?![\d,.]\d|\d)") or (word is not None and _says(quote, rf"{word}\b"))


def says_share(quote: str, per_cent: int) -> bool:
    """Whether the quote carries the percentage: "40%" or "40 %"."""
    return _says(quote, rf"{per_cent}\s*%")


def occurs(quote: str, text: str) -> bool:
    """Whether the words stand in the transcription, white space and typography apart.

    Transcriptions carry marks that the documents do not: Markdown emphasis, HTML tags, straight or
    curly apostrophes. They are taken off both sides; every other character must match.
    """
    return _plain(quote) in _plain(text)


def _says(quote: str, pattern: str) -> bool:
    return re.search(rf"(?<![\d,.\w]){pattern}", quote, re.IGNORECASE) is not None


def _plain(text: str) -> str:
    without_marks = re.sub(r"<[a-z/][^<>]*>|\*+", "", text.replace("’", "'"))
    return re.sub(r"\s+", " ", without_marks).strip()

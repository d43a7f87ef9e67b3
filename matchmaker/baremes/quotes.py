"""Is this amount in these words, and are these words in that document?

When to modify: a document writes an amount in a way not known here.
"""

from __future__ import annotations

import re
from datetime import date

_IN_WORDS = {2: "deux", 3: "trois", 8: "huit", 15: "quinze"}
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


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


def says_months(quote: str, months: int) -> bool:
    """Whether the quote carries the delay: "18 mois"."""
    return _says(quote, rf"{months}\s*mois")


def says_day(quote: str, day: date) -> bool:
    """Whether the quote carries the day: "15/10/2021", "15 octobre 2021", or "15 mars" without its year.

    A quarter or a season that a document opens ("T2 2022", "deuxième trimestre 2022", "l'été 2021") says its
    first day.
    """
    plain = re.sub(r"<[a-z/][^<>]*>|\*+", "", quote)
    if _says(plain, rf"0?{day.day}/0?{day.month}/{day.year}"):
        return True
    first = r"\s*er" if day.day == 1 else ""
    if _says(plain, rf"0?{day.day}(?:{first})?\s+{_MONTHS[day.month - 1]}\b"):
        return True
    if (day.month, day.day) == (6, 21) and _says(
        plain.replace("’", "'").replace("'", " "), rf"été {day.year}"
    ):
        return True
    quarter = (day.month - 1) // 3 + 1
    if day.day != 1 or day.month % 3 != 1:
        return False
    named = {1: "premier", 2: "deuxième", 3: "troisième", 4: "quatrième"}[quarter]
    return _says(plain, rf"T{quarter}\s+{day.year}") or _says(plain, rf"{named} trimestre {day.year}")


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

"""The search: exact columns, prices, a proven bound, and an integer proposal close to it.

Never: the judge, a word for a human, a file.
When to modify: the way grappes are found or bounded changes.
"""

from solver.search.known_prices import KnownPrices
from solver.search.onward import Onward
from solver.search.whole import search

__all__ = ["KnownPrices", "Onward", "search"]

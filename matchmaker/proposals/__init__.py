"""A proposal kept, read on pages, drawn on maps, exported and imported.

Never: the search; a figure that is not in the two documents or the rules.
When to modify: what a reader must see changes.
"""

from matchmaker.proposals.keeping import store_proposal

__all__ = ["store_proposal"]

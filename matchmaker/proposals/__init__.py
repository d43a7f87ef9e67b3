"""A proposal kept, read on pages, drawn on maps, exported and imported.

Never: the search.
When to modify: what a reader must see changes.
"""

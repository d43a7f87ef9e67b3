"""From an address to a position, with its origin, score and cache.

Never: an import.
When to modify: the geocoding service changes.
"""

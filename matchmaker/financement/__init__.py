"""The funding engine: what a project would be paid, when, by whom, and who says so.

Holds: arithmetic on whole euros.   Sees: ``matchmaker.baremes``, the optimiser's plain values.
Never: an amount, a year, a region, a float.
When to modify: a text pays, bounds or dates something in a shape not known here (docs/engine.md).
"""

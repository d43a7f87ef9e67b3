"""The exchange: a local search over which rows are open, in this process or in helper processes.

Sees: arrays only; what they mean is known to ``solver.search.layout``.
Never: an instance, a price, a bound; loads little, since every helper process loads it.
When to modify: packings leave lots out that a person would place.
"""

"""The judge: what a proposal must respect and what it is worth, computed apart from the search.

Shares with the search: the values of ``solver.instance`` and ``solver.scale``, nothing that computes.
When to modify: a rule of the contract changes.
"""

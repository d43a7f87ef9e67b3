"""The optimiser: one instance in, one proposal out.

Holds: the question, the answer, the judge, the search, the explanations.
Sees: values only; amounts arrive as a ``Scale``, time as a deadline, progress leaves by a callback.
Never: the web, a database, a file, the calendar, an amount of the law, a word of ``matchmaker``.
When to modify: the contract of instances and proposals, or the way grappes are found, changes.

This module imports nothing, so that ``solver.judge`` can be used without loading OR-Tools.
"""

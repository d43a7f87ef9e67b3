"""Plans to compare: one run that gives several, each with its own parameters and bound.

A comparison is a run that a row of ``comparison`` asks several plans of; everything else of a run (queue,
worker, heartbeat, stop, journal) is as for any other.

Never: which plans there are and which are left out, that is ``solver.frontier``.
When to modify: a comparison is asked, kept or shown otherwise.
"""

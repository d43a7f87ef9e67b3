"""What each rule of a kept plan costs: one run that solves its question again without each of them.

A run of prices is a run that a row of ``pricing`` names a plan for; everything else of a run (queue, worker,
heartbeat, stop, journal) is as for any other.

Never: which rules there are and what their price is, that is ``solver.prices``.
When to modify: prices are asked, kept or shown otherwise.
"""

"""A run of the optimiser: its row, its queue, its worker, its live page.

The row is the truth, the queue only carries its id. Every write of a worker is fenced by the attempt number,
so a worker that was given up for dead can no longer write.
Never: how a proposal is found (``solver``), kept or read (``matchmaker.proposals``).
When to modify: how long work is done, or what is shown of it, changes.
"""

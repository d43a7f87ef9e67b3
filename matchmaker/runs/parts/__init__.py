"""A run divided into parts that share no grappe, each done by whichever worker is free.

A part is a run like any other (claim, heartbeat, attempt as fencing token), with a row of ``run_part``.
When to modify: another thing than a run of one plan is divided.
"""

"""The REST API, version 1: the simulator, the rules and the register's prefill, for other programs.

Its words and amounts are those of the pages; it needs no account, reads no cookie and keeps nothing.

Never: an amount, a rule, a session.
When to modify: another program must ask something more. What exists keeps its meaning within a version.
"""

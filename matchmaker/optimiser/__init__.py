"""From a campaign to an instance, and from files to the solver: the ``solve`` command.

Never: a rule, an amount, a page.
When to modify: the contract of the command changes, or what a campaign hands to the solver.
"""

"""What a worker works with: loaded in the working process only, the solver is heavy.

When to modify: the worker solves, or keeps proposals, by other functions.
"""

from __future__ import annotations

from matchmaker.runs.execution import Tools


def load_tools() -> Tools:
    """The real optimiser (its judge has accepted every proposal it returns) and the real archive."""
    from matchmaker.baremes import scale_for
    from matchmaker.proposals.keeping import store_proposal
    from matchmaker.runs.comparison.keeping import store as store_compared
    from solver.document import read_instance
    from solver.frontier import frontier
    from solver.solve import solve

    return Tools(
        read_instance=read_instance,
        scale_of=lambda instance: scale_for(instance.regime, instance.parameters.readings),
        solve=solve,
        store=store_proposal,
        compare=frontier,
        store_compared=store_compared,
    )

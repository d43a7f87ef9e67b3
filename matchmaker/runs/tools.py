"""What a worker works with: loaded in the working process only, the solver is heavy.

When to modify: the worker solves, or keeps proposals, by other functions.
"""

from __future__ import annotations

from matchmaker.runs.toolbox import PartTools, Tools


def load_tools() -> Tools:
    """The real optimiser (its judge has accepted every proposal it returns) and the real archive."""
    from matchmaker.baremes import scale_for
    from matchmaker.proposals.keeping import store_proposal
    from matchmaker.runs.comparison.keeping import store as store_compared
    from matchmaker.runs.prices.keeping import store as store_prices
    from solver.document import instance_document, read_instance
    from solver.frontier import frontier
    from solver.parts import Answer, answer, first_bound, join, parts_of
    from solver.prices import prices
    from solver.solve import after_search_s, solve

    return Tools(
        read_instance=read_instance,
        scale_of=lambda instance: scale_for(instance.regime, instance.parameters.readings),
        solve=solve,
        store=store_proposal,
        compare=frontier,
        store_compared=store_compared,
        prices=prices,
        store_prices=store_prices,
        parts=PartTools(
            split=parts_of,
            document=instance_document,
            first_bound=first_bound,
            answer=lambda part, scale, **asked: answer(part, scale, **asked).document(),
            join=lambda instance, scale, answers, **asked: join(
                instance, scale, [Answer.of_document(one) for one in answers], **asked
            ),
            reserve_s=after_search_s,
        ),
    )

"""Components of the compatibility graph, against links followed one by one."""

from __future__ import annotations

import random

import numpy as np
import pytest

from solver.search.components import _smallest_rows


@pytest.mark.parametrize("seed", range(60))
def test_rows_share_a_component_when_a_chain_of_lots_links_them(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.randint(1, 12)
    held = [rng.sample(range(size), rng.randint(1, min(size, 3))) for _ in range(rng.randint(1, 9))]
    expected = list(range(len(held)))
    for _ in held:
        for a, mine in enumerate(held):
            for b, other in enumerate(held):
                if set(mine) & set(other):
                    expected[a] = expected[b] = min(expected[a], expected[b])
    found = _smallest_rows([np.array(nodes, dtype=np.int64) for nodes in held], size)
    assert found.tolist() == expected

"""What a regional officer or an engineer would use instead, on the same instances as the optimiser.

    python -m benchmarks.peers --regions 76 --size 600 1700 --seeds 1 --time 60

Each method runs in a process of its own and hands back grappes; the judge of ``solver.judge`` reads them all
alike. The tools of the dependency group ``peers`` are not needed by the service:

    .venv/bin/python -m pip install --group peers
"""

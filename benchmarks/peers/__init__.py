"""What a regional officer or an engineer would use instead, on the same instances as the optimiser.

    python -m benchmarks.peers --kept region-400 region-1700 --time 60

Each method runs in a process of its own and hands back grappes; the judge of ``solver.judge`` reads them all
alike. The tools of the dependency group ``peers`` are not needed by the service:

    .venv/bin/python -m pip install --group peers
"""

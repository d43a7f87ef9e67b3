"""A search of one share, ``python -m solver.search``: question on standard input, answers on standard output.

It ends soon after its standard input does, so it never outlives the process that started it for long.

When to modify: never. What is said is in ``solver.search.abreast``.
"""

import signal
import sys

from solver.search.abreast import serve

if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # the process that started us decides
    serve(sys.stdin.buffer, sys.stdout.buffer)

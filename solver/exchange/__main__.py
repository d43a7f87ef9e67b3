"""A helper process: ``python -m solver.exchange``, orders on standard input, answers on standard output.

It ends when its standard input does, so it never outlives the process that started it for long.

When to modify: never. What is said is in ``solver.exchange.crew``, what is done in ``solver.exchange.walk``.
"""

import signal
import sys

from solver.exchange.crew import serve

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started us decides
    serve(sys.stdin.buffer, sys.stdout.buffer)

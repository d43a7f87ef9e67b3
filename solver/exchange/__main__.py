"""A helper process: ``python -m solver.exchange``, orders on standard input, answers on standard output.

It ends when its standard input does, so it never outlives the process that started it for long.

When to modify: never. What is said is in ``solver.exchange.crew``, what is done in ``solver.exchange.walk``.
"""

import os
import signal
import sys

from solver.exchange.crew import serve

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started us decides
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # Who started us is gone and waits for no answer; what is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

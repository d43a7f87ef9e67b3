"""A helper process: ``python -m solver.exchange``, orders on standard input, answers on standard output.

Modules named on the command line are imported first.

It ends when its standard input does, so it never outlives the process that started it for long.

When to modify: never. What is said is in ``solver.exchange.crew``, what is done in ``solver.exchange.walk``.
"""

import os
import signal
import sys
from importlib import import_module

from solver.exchange.crew import serve

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started us decides
    for name in sys.argv[1:]:
        import_module(name)
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # Who started us is gone and waits for no answer; what is still buffered must not complain at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

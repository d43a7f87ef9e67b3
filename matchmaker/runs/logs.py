"""What long-lived processes write on their terminal: our own lines, and only problems of the libraries."""

from __future__ import annotations

import logging


def log_to_terminal() -> None:
    """One line an event, with the time, on standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("matchmaker").setLevel(logging.INFO)

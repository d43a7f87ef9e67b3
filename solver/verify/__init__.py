"""Verification: everything that a proposal states, derived again from the two documents.

Feasibility and figures are the judge's, which shares nothing with the search; the certified bound is priced
again here, row by row, with code and distances of its own. Nothing that solves is imported.

When to modify: the proposal format gains a statement.
"""

from __future__ import annotations

from solver.verify.finding import Check, Finding
from solver.verify.verification import Report, verify

__all__ = ["Check", "Finding", "Report", "verify"]

"""Why an ESMS is in no grappe, and which single concession, verified by the judge, would place it.

When to modify: the contract's reasons or changes change.
"""

from solver.explain.explanation import Explanation, explain
from solver.explain.survey import Survey

__all__ = ["Explanation", "Survey", "explain"]

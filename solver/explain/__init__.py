"""Why an ESMS is in no grappe, and which single concession, verified by the judge, would place it; which
departure breaks a grappe, and who could replace those who leave.

When to modify: the contract's reasons or changes change.
"""

from solver.explain.explanation import Explanation, explain
from solver.explain.robustness import robustness
from solver.explain.survey import Survey

__all__ = ["Explanation", "Survey", "explain", "robustness"]

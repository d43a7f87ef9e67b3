"""One instance solved as several: parts that share no grappe, and one proposal out of their answers.

Never: a database, a queue, a clock of the caller. Who solves which part, and when, is the caller's.
When to modify: a parameter or a constraint couples ESMS in a new way (``independence``).
"""

from solver.parts.answer import Answer, answer, first_bound
from solver.parts.independence import Coupling, coupling, parts_of
from solver.parts.joining import join

__all__ = ["Answer", "Coupling", "answer", "coupling", "first_bound", "join", "parts_of"]

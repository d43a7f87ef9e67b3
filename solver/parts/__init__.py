"""One instance solved as several: parts that share no grappe, and one proposal out of their answers.

Never: a database, a queue, a clock of the caller. Who solves which part, and when, is the caller's.
When to modify: another part of a question is handed out or joined.
"""

from solver.independence import Coupling, coupling
from solver.parts.answer import Answer, answer, first_bound
from solver.parts.cutting import parts_of
from solver.parts.joining import join

__all__ = ["Answer", "Coupling", "answer", "coupling", "first_bound", "join", "parts_of"]

"""JSON documents and the values they carry: instance in, proposal out and in.

Never: a file is opened here (bytes or parsed JSON come in), an amount, a search.
When to modify: a format gains an optional field.
"""

from solver.document.instance_reader import read_instance
from solver.document.instance_writer import instance_document
from solver.document.json_text import MAX_BYTES
from solver.document.problems import DocumentProblems, InstanceProblems, Problem, ProposalProblems
from solver.document.proposal_reader import read_proposal
from solver.document.proposal_writer import proposal_document, with_bounds, without_further

__all__ = [
    "MAX_BYTES",
    "DocumentProblems",
    "InstanceProblems",
    "Problem",
    "ProposalProblems",
    "instance_document",
    "proposal_document",
    "read_instance",
    "read_proposal",
    "with_bounds",
    "without_further",
]

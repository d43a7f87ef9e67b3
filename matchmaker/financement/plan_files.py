"""A plan given as two files, an instance and its proposal: read, judged, and only then used.

When to modify: another command reads a plan, or refuses one for a new reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from matchmaker.baremes.scales import scale_for
from solver.document import DocumentProblems, read_instance, read_proposal
from solver.instance import Grappe, Instance
from solver.judge import disagreements
from solver.vocabulary import Hosting

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    instance: Instance
    grappes: tuple[Grappe, ...]


def read_plan(instance_path: Path, proposal_path: Path) -> Plan:
    """Read both files and have the judge check them.

    Raises
    ------
    click.ClickException
        A file cannot be read, or the judge does not find what the proposal states: a French message.
    """
    instance = _read(instance_path)
    try:
        proposal = read_proposal(_bytes(proposal_path))
    except DocumentProblems as refused:
        raise click.ClickException(_problems(proposal_path, refused)) from None
    scale = scale_for(instance.regime, instance.parameters.readings)
    found = list(disagreements(instance, scale, proposal))
    if found:
        raise click.ClickException(
            f"{proposal_path} : cette proposition ne correspond pas à {instance_path} "
            f"({len(found)} écarts relevés par le contrôle)."
        )
    grappes = tuple(
        Grappe(
            g["id"],
            g["solution"],
            None if g["hosting"] is None else Hosting(g["hosting"]),
            g["porteur"],
            tuple(g["members"]),
        )
        for g in proposal["grappes"]
    )
    return Plan(instance, grappes)


def _read(path: Path) -> Instance:
    try:
        return read_instance(_bytes(path))
    except DocumentProblems as refused:
        raise click.ClickException(_problems(path, refused)) from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} : illisible ({error.strerror}).") from None


def _problems(path: Path, refused: DocumentProblems) -> str:
    lines = [f"  {p}" for p in refused.problems[:_SHOWN]]
    more = len(refused.problems) - _SHOWN
    return "\n".join([f"{path} : document refusé.", *lines, *([f"  et {more} autres."] if more > 0 else [])])

"""The question: a project, its members, their organismes.

When to modify: a rule looks at something of a project that is not here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from matchmaker.baremes.exclusions import Prior, Trait
from matchmaker.baremes.needs import FundedNeed
from solver.vocabulary import Champ


class ProjetError(ValueError):
    """The project contradicts itself; ``problems``: (place, French sentence) each."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {sentence}" for place, sentence in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Membre:
    """One ESMS. ``region``: INSEE code. ``socles``: services socles it will use, None when not said.

    ``category``: FINESS aggregate (4100…), None when not said; it only matters to SONS.
    """

    id: str
    organisme: str
    champ: Champ
    need: FundedNeed
    region: str
    name: str = ""
    prior: frozenset[Prior] = frozenset()
    traits: frozenset[Trait] = frozenset()
    socles: int | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Organisme:
    """An organisme; ``esms_total``: all its ESMS. ``carries_another``: it carries another grappe."""

    id: str
    name: str
    esms_total: int
    carries_another: bool = False


@dataclass(frozen=True)
class Projet:
    """``referenced``: the solution is référencée Ségur. ``porteur``: a member's id.

    ``deposit``: day of the amounts and of the window; None: the call's last version. ``signature``: of the
    convention with the ARS. ``duration_months``: from signature to the end of deployment, where no text gives
    it. ``later_rules``: apply the rules that only later public pages tell (R29). ``min_size``: a minimum that
    a campaign sets for itself. ``readings``: options taken besides the defaults.
    """

    regime: str
    members: tuple[Membre, ...]
    organismes: Mapping[str, Organisme]
    referenced: bool
    porteur: str | None = None
    deposit: date | None = None
    signature: date | None = None
    duration_months: int | None = None
    later_rules: bool = False
    min_size: int | None = None
    readings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ProjetError(problems)

    @cached_property
    def member_by_id(self) -> Mapping[str, Membre]:
        return {m.id: m for m in self.members}

    @property
    def porteur_member(self) -> Membre | None:
        return None if self.porteur is None else self.member_by_id[self.porteur]

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted({m.region for m in self.members}))

    @property
    def home_region(self) -> str:
        """The région of the porteur, else that of most members (the lower code when equal), else none."""
        if self.porteur_member is not None:
            return self.porteur_member.region
        counts = Counter(m.region for m in self.members)
        return min(counts, key=lambda r: (-counts[r], r), default="")


def _problems(projet: Projet) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    ids = Counter(m.id for m in projet.members)
    found += [("members", f"L’ESMS « {i} » est cité deux fois.") for i, n in sorted(ids.items()) if n > 1]
    if projet.porteur is not None and projet.porteur not in ids:
        found.append(("porteur", f"Le porteur « {projet.porteur} » n’est pas membre du projet."))
    counts = Counter(m.organisme for m in projet.members)
    for organisme, count in sorted(counts.items()):
        known = projet.organismes.get(organisme)
        if known is None:
            found.append(("organismes", f"L’organisme « {organisme} » n’est pas décrit."))
        elif known.esms_total < count:
            sentence = (
                f"L’organisme « {known.name} » compte {known.esms_total} ESMS en tout, "
                f"mais {count} sont dans le projet."
            )
            found.append(("organismes", sentence))
    if projet.duration_months is not None and projet.duration_months < 1:
        found.append(("duration_months", "La durée est d’un mois au moins."))
    if projet.min_size is not None and projet.min_size < 1:
        found.append(("min_size", "Le nombre minimal est d’un ESMS au moins."))
    return found

"""What each demonstration is made of: how many, where, in which proportions. docs/demo.md tells it in French.

When to modify: the demonstration must show something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solver.vocabulary import Champ, Hosting, Need

Weights = tuple[tuple[int, int], ...]  # (size of an organisme, weight)
PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """A demonstration campaign: real elderly-care establishments of ``region``, ``drawn`` ESMS beside them.

    ``small_og``: département of one more organisme of four PH ESMS, which the OG's journey follows.
    """

    name: str
    region: str
    drawn: Mapping[Champ, int]
    max_radius_km: float | None
    small_og: str | None


OCCITANIE = Recipe(
    name="Occitanie 2022",
    region="76",
    drawn={Champ.PH: 830, Champ.DOM: 340, Champ.PDE: 330, Champ.AHI: 240, Champ.PDS: 160, Champ.PJM: 90},
    max_radius_km=60.0,
    small_og="32",
)
CORSE = Recipe(
    name="Corse 2022",
    region="94",
    drawn={Champ.PH: 14, Champ.DOM: 6, Champ.PDE: 4, Champ.AHI: 3, Champ.PDS: 2, Champ.PJM: 1},
    max_radius_km=90.0,
    small_og=None,
)
RECIPES = (OCCITANIE, CORSE)

# Sizes of drawn organismes: elderly care is scattered (median 1), disability and child protection are not.
SIZES: Mapping[Champ, Weights] = {
    Champ.PA: ((1, 1),),
    Champ.PH: ((1, 26), (2, 18), (3, 13), (4, 11), (6, 13), (9, 9), (14, 5), (15, 2), (22, 3)),
    Champ.DOM: ((1, 58), (2, 22), (3, 10), (5, 7), (9, 3)),
    Champ.PDE: ((1, 30), (2, 20), (3, 16), (5, 18), (8, 11), (15, 5)),
    Champ.AHI: ((1, 34), (2, 22), (3, 18), (5, 16), (9, 10)),
    Champ.PDS: ((1, 44), (2, 28), (3, 18), (6, 10)),
    Champ.PJM: ((1, 70), (2, 24), (4, 6)),
}
# Categories of FINESS drawn for each champ (code, weight), and the short name shown.
CATEGORIES: Mapping[Champ, tuple[tuple[str, str, int], ...]] = {
    Champ.PH: (
        ("182", "SESSAD", 16),
        ("183", "IME", 16),
        ("246", "ESAT", 15),
        ("446", "SAVS", 13),
        ("449", "EANM", 14),
        ("448", "EAM", 9),
        ("255", "MAS", 8),
        ("445", "SAMSAH", 5),
        ("186", "ITEP", 4),
    ),
    Champ.DOM: (("460", "SAA", 60), ("354", "SSIAD", 28), ("209", "SAAS", 12)),
    Champ.PDE: (("177", "MECS", 55), ("295", "Service AEMO", 25), ("286", "Club de prévention", 20)),
    Champ.AHI: (("214", "CHRS", 50), ("443", "CADA", 28), ("219", "Centre d’accueil", 22)),
    Champ.PDS: (("197", "CSAPA", 60), ("165", "ACT", 40)),
    Champ.PJM: (("340", "Service mandataire", 1),),
}
SMALLEST_COMMUNE = 500  # inhabitants: no ESMS is drawn in a smaller one
OG_REACH_KM = 35.0  # the ESMS of a drawn organisme lie this close to its first one
LARGER_THAN_CAMPAIGN = 5  # per cent of drawn organismes that have many ESMS elsewhere

# Per cent of organismes by what they ask for; below, of single ESMS that ask for nothing.
NEEDS: tuple[tuple[Need, int], ...] = (
    (Need.ACQUISITION, 47),
    (Need.RENOUVELLEMENT, 19),
    (Need.MONTEE_DE_VERSION, 29),
    (Need.AUCUN, 5),
)
# Per cent of upgrades of an unreferenced solution (not fundable in 2022) that do not become replacements.
STAYS_UNREFERENCED = 25
NO_NEED_ESMS = 2
UNANSWERED = 4
HALF_ANSWERED = 2
CANNOT_BE_PORTEUR = 15
IN_LOTS = 45  # per cent of organismes of two ESMS and more whose contracts bind several ESMS
LOT_SIZES: Weights = ((2, 5), (3, 3), (4, 2))

# How many solutions an ESMS without DUI accepts; 0 stands for "any".
ACCEPTED_COUNT: Weights = ((0, 28), (1, 14), (2, 28), (3, 22), (4, 8))
LEAVES_CURRENT = 12  # per cent of upgrades that draw the solutions they accept as others do

HostingChoice = tuple[tuple[Hosting, ...] | None, int]
HOSTING: tuple[HostingChoice, ...] = (
    (None, 36),
    ((Hosting.SAAS,), 36),
    ((Hosting.SAAS, Hosting.SHARED), 13),
    ((Hosting.SHARED,), 8),
    ((Hosting.ON_PREMISE,), 7),
)
# Départements where a local custom (a shared data room, servers on the premises) makes islands.
HOSTING_ISLANDS: Mapping[str, tuple[HostingChoice, ...]] = {
    "09": ((None, 15), ((Hosting.SAAS,), 20), ((Hosting.ON_PREMISE,), 65)),
    "48": ((None, 15), ((Hosting.SAAS,), 20), ((Hosting.SHARED,), 65)),
    "2B": ((None, 20), ((Hosting.SAAS,), 50), ((Hosting.ON_PREMISE,), 30)),
}


@dataclass(frozen=True, slots=True)
class DuiKind:
    """A fictitious solution before its status and hosting are drawn; ``share``: its weight on the market."""

    letter: str
    champs: tuple[Champ, ...]
    share: int


_ALL = tuple(Champ)
DUI_KINDS = (
    DuiKind("A", _ALL, 22),
    DuiKind("B", _ALL, 16),
    DuiKind("C", (Champ.PA, Champ.DOM), 15),
    DuiKind("D", (Champ.PA, Champ.PH, Champ.DOM), 13),
    DuiKind("E", (Champ.PH, Champ.PDE), 10),
    DuiKind("F", (Champ.PA,), 7),
    DuiKind("G", (Champ.PDS, Champ.PDE, Champ.AHI, Champ.PJM), 7),
    DuiKind("H", _ALL, 4),
    DuiKind("I", (Champ.PDS, Champ.AHI), 3),
    DuiKind("J", (Champ.DOM,), 3),
)
# Drawn without replacement, one for each solution.
SEGUR_STATUSES = ("referenced",) * 5 + ("not_referenced",) * 3 + ("unknown",) * 2
OFFERED_HOSTING: tuple[tuple[Hosting, ...], ...] = (
    (Hosting.SAAS,),
    (Hosting.SAAS, Hosting.SHARED),
    (Hosting.SAAS, Hosting.ON_PREMISE),
    tuple(Hosting),
)

"""The closed lists of words that instances and proposals are written with.

When to modify: the contract gains a word (never loses one).
"""

from __future__ import annotations

from enum import StrEnum


class Regime(StrEnum):
    """Funding regimes; the amounts live in ``data/baremes``, never here."""

    AMORCAGE_2021 = "amorcage-2021"
    GENERALISATION_2022 = "generalisation-2022"
    GENERALISATION_2022_NATIONAL = "generalisation-2022-national"

    @property
    def is_national(self) -> bool:
        return self is Regime.GENERALISATION_2022_NATIONAL


class Champ(StrEnum):
    """Publics of the programme (rules R22, R23)."""

    PA = "PA"
    PH = "PH"
    DOM = "DOM"
    PDS = "PDS"
    PDE = "PDE"
    AHI = "AHI"
    PJM = "PJM"


class Need(StrEnum):
    """What an ESMS asks for. ``is_acquisition`` groups what the contract calls "acq"."""

    ACQUISITION = "acquisition"
    RENOUVELLEMENT = "renouvellement"
    MONTEE_DE_VERSION = "montee_de_version"
    AUCUN = "aucun"

    @property
    def is_acquisition(self) -> bool:
        return self in (Need.ACQUISITION, Need.RENOUVELLEMENT)


class Hosting(StrEnum):
    SAAS = "saas"
    ON_PREMISE = "on_premise"
    SHARED = "shared"


class Territory(StrEnum):
    """What the members of a grappe must share with the porteur."""

    REGION = "region"
    DEPARTEMENT = "departement"
    NONE = "none"


class Objective(StrEnum):
    FUNDING = "funding"
    COVERAGE = "coverage"


class Reason(StrEnum):
    """Why an ESMS is in no grappe; the first that applies, in this order."""

    NO_NEED = "no_need"
    EXCLUDED = "excluded"
    NOT_FUNDABLE = "not_fundable"
    NO_COMMON_OFFER = "no_common_offer"
    LOT_TOO_LARGE = "lot_too_large"
    LOT_INCOMPATIBLE = "lot_incompatible"
    TOO_FEW_PARTNERS = "too_few_partners"
    CONSTRAINT = "constraint"
    OUTCOMPETED = "outcompeted"


class ChangeKind(StrEnum):
    """Single concessions of a lot, in the order in which they are listed."""

    ACCEPT_HOSTING = "accept_hosting"
    ACCEPT_SOLUTION = "accept_solution"
    RADIUS_KM = "radius_km"
    TERRITORY = "territory"
    SPLIT_LOT = "split_lot"


class DepartureRule(StrEnum):
    """What a grappe breaks once one of its organismes has left, in the order in which it is told."""

    MEMBERS = "members"  # nobody is left
    SIZE = "size"
    PORTEUR = "porteur"  # nobody of the others may be porteur
    RADIUS = "radius"  # nobody of those who may be has everyone in reach
    TOGETHER = "together"


class LineCode(StrEnum):
    USAGES = "usages"
    LOGICIEL = "logiciel"
    DUI = "dui"
    EQUIPEMENT = "equipement"
    AMOA_PROJET = "amoa_projet"
    AMOA_MARCHE = "amoa_marche"

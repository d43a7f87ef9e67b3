"""An ESMS that the register does not hold, entered by hand, placed at the centre of its commune.

When to modify: what must be known of an ESMS to enter a campaign changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import members, organismes
from matchmaker.campaigns.members import NewEsms, NewOrganisme
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.reference.communes import Commune, commune_named

_LARGEST_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class HandEntry:
    """What a person types. ``organisme``: words that name one of the campaign, or empty for a new one.

    ``finess`` may be empty: the ESMS then gets an id of the campaign's own.
    """

    name: str
    finess: str
    champ: str
    category: str
    commune: str
    postal_code: str
    organisme: str
    new_organisme: str = ""
    new_organisme_total: int | str | None = None


def enter(session: Session, campaign_id: int, entry: HandEntry, *, actor: str) -> str:
    """Add the ESMS, and its organisme when it is new; returns the ESMS's code.

    Raises
    ------
    RefusedError
        One French sentence for each field that cannot be kept.
    """
    commune = commune_named(entry.commune, entry.postal_code.strip())
    problems = _problems(session, campaign_id, entry, commune)
    if problems or commune is None:
        raise RefusedError(problems)
    finess = "".join(entry.finess.split()).upper()
    code = finess or _free_code(session, campaign_id, CampaignEsms, "saisi")
    new = []
    if entry.organisme.strip():
        organisme = organismes.named(session, campaign_id, entry.organisme)
    else:
        organisme = _free_code(session, campaign_id, CampaignOrganisme, "saisi")
        total = entry.new_organisme_total
        new = [NewOrganisme(organisme, entry.new_organisme.strip(), int(total or 0))]
    esms = NewEsms(
        code=code,
        organisme=organisme,
        name=entry.name.strip(),
        champ=entry.champ,
        category=entry.category.strip(),
        departement=commune.departement,
        region=commune.region,
        lat=commune.lat,
        lon=commune.lon,
        commune=commune.name,
        position_origin="commune",
    )
    members.add(session, campaign_id, organismes=new, esms=[esms])
    journal.record(
        session, actor, "esms.saisir", f"campaign:{campaign_id}", label=esms.name, detail={"esms": code}
    )
    return code


def _problems(
    session: Session, campaign_id: int, entry: HandEntry, commune: Commune | None
) -> dict[str, str]:
    problems = {}
    if not 0 < len(entry.name.strip()) <= 200:
        problems["name"] = "Donnez le nom de l’ESMS, 200 caractères au plus."
    finess = "".join(entry.finess.split()).upper()
    if finess and not re.fullmatch(r"\d[0-9AB]\d{7}", finess):
        problems["finess"] = f"Il doit compter 9 caractères : vous en avez saisi {len(finess)}."
    elif finess and _holds(session, campaign_id, CampaignEsms, finess):
        problems["finess"] = f"L’ESMS {finess} est déjà dans la campagne."
    if entry.champ not in CHAMPS:
        problems["champ"] = "Choisissez le champ de l’ESMS."
    if not entry.commune.strip() or not entry.postal_code.strip():
        problems["commune"] = "Donnez la commune de l’ESMS et son code postal."
    elif commune is None:
        problems["commune"] = (
            f"Aucune commune « {entry.commune.strip()} » n’a le code postal « {entry.postal_code.strip()} »."
        )
    return problems | _organisme_problems(session, campaign_id, entry)


def _organisme_problems(session: Session, campaign_id: int, entry: HandEntry) -> dict[str, str]:
    if entry.organisme.strip():
        try:
            organismes.named(session, campaign_id, entry.organisme)
        except RefusedError as error:
            return error.problems
        return {}
    problems = {}
    if not entry.new_organisme.strip():
        problems["organisme"] = "Donnez l’organisme de l’ESMS, ou le nom d’un nouveau."
    total = entry.new_organisme_total
    if not isinstance(total, int) or not 1 <= total <= _LARGEST_TOTAL:
        problems["new_organisme_total"] = (
            "Le nombre de tous les ESMS de cet organisme est attendu, au moins 1 : il décide des aides aux "
            "petits organismes."
        )
    return problems


def _holds(
    session: Session, campaign_id: int, table: type[CampaignEsms] | type[CampaignOrganisme], code: str
) -> bool:
    wanted = select(table.id).where(table.campaign_id == campaign_id, table.code == code)
    return session.scalar(wanted) is not None


def _free_code(
    session: Session, campaign_id: int, table: type[CampaignEsms] | type[CampaignOrganisme], start: str
) -> str:
    number = 1
    while _holds(session, campaign_id, table, f"{start}-{number}"):
        number += 1
    return f"{start}-{number}"

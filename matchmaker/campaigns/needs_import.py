"""Import a needs file: keep it, show what it would do, then write the correct lines, all or none.

When to modify: the steps of an import change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchmaker import journal
from matchmaker.campaigns import answers, campaign, needs_check, needs_file
from matchmaker.campaigns.needs_check import Refusal, Report
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.tables import CampaignEsms, NeedsUpload
from matchmaker.database.instants import now

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ChangedSinceError(RuntimeError):
    """The campaign changed between the check and the import: the person must see the new check."""


@dataclass(frozen=True, slots=True)
class Upload:
    id: int
    campaign_id: int
    file_name: str
    content: bytes


def keep_upload(session: Session, campaign_id: int, file_name: str, content: bytes, *, actor: str) -> int:
    """Keep a readable file until it is imported; it takes the place of the one before it.

    Raises
    ------
    UnusableFileError
        The file is refused whole, and not kept.
    """
    campaign.get(session, campaign_id)
    needs_file.read(content, file_name)
    session.execute(delete(NeedsUpload).where(NeedsUpload.campaign_id == campaign_id))
    row = NeedsUpload(
        campaign_id=campaign_id, file_name=file_name[-200:], content=content, sent_by=actor, sent_at=now()
    )
    session.add(row)
    session.flush()
    return row.id


def upload(session: Session, campaign_id: int, upload_id: int) -> Upload:
    """A kept file; raises ``NotInCampaignError`` when another one took its place."""
    row = session.scalar(
        select(NeedsUpload).where(NeedsUpload.campaign_id == campaign_id, NeedsUpload.id == upload_id)
    )
    if row is None:
        raise NotInCampaignError(f"needs upload {upload_id}")
    return Upload(row.id, row.campaign_id, row.file_name, row.content)


def check_content(session: Session, campaign_id: int, file_name: str, content: bytes) -> Report:
    """The dry run of a file; raises ``UnusableFileError`` when it is refused whole."""
    return needs_check.check(session, campaign_id, needs_file.read(content, file_name))


def apply(
    session: Session,
    campaign_id: int,
    file_name: str,
    content: bytes,
    *,
    actor: str,
    expected: int | None = None,
) -> Report:
    """Write the correct lines that change something; returns what was done.

    Parameters
    ----------
    expected
        The number of lines that the person agreed to.

    Raises
    ------
    ChangedSinceError
        Another number of lines would now be written.
    """
    report = check_content(session, campaign_id, file_name, content)
    lines = report.to_import
    if expected is not None and expected != len(lines):
        raise ChangedSinceError(f"{expected} lines agreed to, {len(lines)} to write")
    keys = answers.solution_ids(session, campaign_id)
    rows = session.execute(
        select(CampaignEsms.code, CampaignEsms.id, CampaignEsms.version).where(
            CampaignEsms.campaign_id == campaign_id
        )
    )
    held = {row.code: {"id": row.id, "version": row.version} for row in rows}
    values = [{**held[line.esms_code], **answers.columns(line.answer, keys)} for line in lines]
    try:
        if values:
            session.execute(update(CampaignEsms), values)
    except StaleDataError:
        raise ChangedSinceError("an answer changed while the file was being written") from None
    journal.record(
        session,
        actor,
        "besoins.importer",
        f"campaign:{campaign_id}",
        label=file_name,
        detail={name: report.count(name) for name in ("added", "changed", "unchanged", "refused")},
    )
    return report


def forget_upload(session: Session, upload_id: int) -> None:
    session.execute(delete(NeedsUpload).where(NeedsUpload.id == upload_id))


def refusals_csv(refusals: Iterable[Refusal]) -> bytes:
    """The refused lines as a CSV file that a French spreadsheet opens: ``;``, UTF-8 with its mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["ligne", "champ", "valeur", "attendu"])
    for refusal in refusals:
        cells = [refusal.column, refusal.value, refusal.expected]
        writer.writerow([refusal.line, *(harmless(cell) for cell in cells)])
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what starts like one."""
    return "'" + cell if cell.startswith(_FORMULA_STARTS) else cell

"""The file that somebody joins to a claim: what proves that they represent an organisme.

Known by its first bytes, never by the name or type that the browser says; its name is not kept.

When to modify: another kind of file is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchmaker.accounts.tables import ClaimDocument

LARGEST = 5 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """``start``: the first bytes of each such file."""

    name: str
    extension: str
    media: str
    start: bytes


KINDS = (
    Kind("PDF", "pdf", "application/pdf", b"%PDF-"),
    Kind("image PNG", "png", "image/png", b"\x89PNG\r\n\x1a\n"),
    Kind("image JPEG", "jpg", "image/jpeg", b"\xff\xd8\xff"),
)
_BY_MEDIA = {kind.media: kind for kind in KINDS}


class UnusableDocumentError(ValueError):
    """A file that cannot be kept; the message is a French sentence."""


def kind_of(content: bytes) -> Kind:
    """What a file is.

    Raises
    ------
    UnusableDocumentError
        Empty, larger than ``LARGEST``, or of no accepted kind.
    """
    if not content:
        raise UnusableDocumentError("Ce fichier est vide.")
    if len(content) > LARGEST:
        raise UnusableDocumentError("Ce fichier dépasse 5 Mo : joignez-en un plus léger.")
    for kind in KINDS:
        if content.startswith(kind.start):
            return kind
    raise UnusableDocumentError("Un PDF, ou une image PNG ou JPEG, est attendu.")


def keep(session: Session, claim_id: int, content: bytes) -> None:
    """Join a file to a claim; raises ``UnusableDocumentError``."""
    session.add(ClaimDocument(claim_id=claim_id, media=kind_of(content).media, content=content))


def about(session: Session, claim_id: int) -> tuple[Kind, int] | None:
    """What the file of a claim is, and its bytes; None when there is none. The file itself is not read."""
    found = session.execute(
        select(ClaimDocument.media, func.length(ClaimDocument.content)).where(
            ClaimDocument.claim_id == claim_id
        )
    ).one_or_none()
    return None if found is None else (_BY_MEDIA[found[0]], found[1])


def get(session: Session, claim_id: int) -> tuple[Kind, bytes] | None:
    """The file of a claim, None when there is none."""
    row = session.get(ClaimDocument, claim_id)
    return None if row is None else (_BY_MEDIA[row.media], row.content)


def forget(session: Session, claim_id: int) -> None:
    session.execute(delete(ClaimDocument).where(ClaimDocument.claim_id == claim_id))

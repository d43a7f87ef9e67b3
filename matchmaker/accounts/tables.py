"""Tables of accounts: people, what they may do and where, how they signed in, what they asked and agreed to.

Tokens are kept as SHA-256 digests: who reads the database signs in as nobody.

When to modify: a role is added, a way to sign in or a request of a person changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant

# What each role is given for: an organisme; a région and maybe a département; nothing.
_SCOPE = (
    "(role IN ('og_member', 'og_manager') AND organisme_id IS NOT NULL AND region IS NULL "
    "AND departement IS NULL) OR "
    "(role IN ('grades', 'support') AND organisme_id IS NULL AND region IS NOT NULL "
    "AND departement IS NULL) OR "
    "(role = 'ars' AND organisme_id IS NULL AND region IS NOT NULL) OR "
    "(role = 'admin' AND organisme_id IS NULL AND region IS NULL AND departement IS NULL)"
)


class Account(Base):
    """A person. ``email`` is as typed, in lower case; None once erased. ``password`` None: signs in by link
    or by a provider. ``verified_at``: the moment a link sent to the address was followed."""

    __tablename__ = "account"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number in the journal is never somebody else's

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    verified_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    signed_in_at: Mapped[dt.datetime | None] = mapped_column(Instant, index=True)
    erased_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Membership(Base):
    """A role that an account holds in one place."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint(_SCOPE, name="scope"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    organisme_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisme.id", ondelete="CASCADE"), index=True
    )
    region: Mapped[str | None] = mapped_column(String(3))
    departement: Mapped[str | None] = mapped_column(String(3))
    granted_by: Mapped[str] = mapped_column(String(120))
    granted_at: Mapped[dt.datetime] = mapped_column(Instant)


class SignedIn(Base):
    """One browser that is signed in. The browser holds the token, this row its digest; it ends at
    ``expires_at`` whatever happens, or when the person closes it from anywhere.

    ``provider``: the name in the settings of the one that signed the person in; ``id_token``: what it gave,
    which it asks for to sign them out there too; never sent anywhere else, gone with the row."""

    __tablename__ = "signed_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    method: Mapped[str] = mapped_column(String(40))
    browser: Mapped[str] = mapped_column(String(60))
    provider: Mapped[str | None] = mapped_column(String(40))
    id_token: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


class Link(Base):
    """A link sent by mail, good once: to sign in (and open an account), or to accept an invitation."""

    __tablename__ = "account_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    after: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant, index=True)
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Counter(Base):
    """How often something was tried within a window of time, for all processes together. ``subject`` is a
    keyed digest: the table tells nobody's address."""

    __tablename__ = "attempt_counter"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class Invitation(Base):
    """A role offered to an address. It is taken up with the token of the mail, once."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint(_SCOPE, name="scope"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[str] = mapped_column(String(12))
    organisme_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisme.id", ondelete="CASCADE"), index=True
    )
    region: Mapped[str | None] = mapped_column(String(3), index=True)
    departement: Mapped[str | None] = mapped_column(String(3))
    invited_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Claim(Base):
    """Somebody says that they represent an organisme. ``state``: waiting, accepted, refused, withdrawn.

    ``function`` and ``evidence`` are the person's words; ``domain_approved``: their address is of a domain
    that the GRADeS approved for this organisme.
    """

    __tablename__ = "organisme_claim"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'accepted', 'refused', 'withdrawn')", name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    organisme_id: Mapped[int] = mapped_column(ForeignKey("organisme.id", ondelete="CASCADE"), index=True)
    function: Mapped[str] = mapped_column(String(120))
    evidence: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    domain_approved: Mapped[bool]
    claimed_at: Mapped[dt.datetime] = mapped_column(Instant)
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)


class ClaimDocument(Base):
    """The file joined to a claim, read by those who decide it."""

    __tablename__ = "claim_document"

    claim_id: Mapped[int] = mapped_column(
        ForeignKey("organisme_claim.id", ondelete="CASCADE"), primary_key=True
    )
    media: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ApprovedDomain(Base):
    """An e-mail domain that the GRADeS recognises as the organisme's own."""

    __tablename__ = "approved_domain"
    __table_args__ = (UniqueConstraint("organisme_id", "domain"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisme_id: Mapped[int] = mapped_column(ForeignKey("organisme.id", ondelete="CASCADE"))
    domain: Mapped[str] = mapped_column(String(253))
    approved_by: Mapped[str] = mapped_column(String(120))
    approved_at: Mapped[dt.datetime] = mapped_column(Instant)


class Identity(Base):
    """A person as a sign-in provider knows them: (issuer, subject), never the e-mail alone."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[dt.datetime] = mapped_column(Instant)


class Consent(Base):
    """One line of the ledger of consents: given or withdrawn, to which words, when. Lines are only added."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_account_id_purpose", "account_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    organisme_id: Mapped[int | None] = mapped_column(ForeignKey("organisme.id", ondelete="SET NULL"))
    purpose: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(Instant)

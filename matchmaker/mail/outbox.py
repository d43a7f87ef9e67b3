"""Write a mail from its template, and read the latest back.

A template is a text file of ``templates/courriels/``: the subject on the first line, then an empty line,
then the text. It is plain text: nothing is escaped, nothing is a link but what looks like one.

When to modify: what a mail is made of changes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import shipped
from matchmaker.database.instants import now
from matchmaker.mail.tables import Mail
from matchmaker.web import formats

_LONGEST_SUBJECT = 200


def put(
    session: Session,
    recipient: str,
    template: str,
    *,
    secret: bool = False,
    unsubscribe: str | None = None,
    **words: Any,
) -> None:
    """Write one mail, in the transaction of the act it tells of: both are kept, or neither.

    Parameters
    ----------
    template
        Name of a file of ``templates/courriels/``, without its ending.
    secret
        The text holds a link that signs somebody in: it is forgotten once sent.
    unsubscribe
        Address that stops mails of this kind in one click (RFC 8058); None: they cannot be stopped.
    words
        What the template names. Line breaks in them become spaces: nobody's name may add lines to a mail.
    """
    one_line = {name: " ".join(v.split()) if isinstance(v, str) else v for name, v in words.items()}
    text = formats.typographie(_templates().get_template(f"{template}.txt").render(one_line))
    subject, _empty, body = text.partition("\n")
    moment = now()
    session.add(
        Mail(
            recipient=recipient,
            subject=subject.strip()[:_LONGEST_SUBJECT],
            text=body.strip() + "\n",
            secret=secret,
            created_at=moment,
            next_try_at=moment,
            tries=0,
            unsubscribe=unsubscribe,
        )
    )


def latest(session: Session, limit: int = 50) -> list[Mail]:
    """The newest mails first."""
    return list(session.scalars(select(Mail).order_by(Mail.id.desc()).limit(limit)))


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped.TEMPLATES / "courriels"),
        autoescape=False,  # noqa: S701 - plain text: there is nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )

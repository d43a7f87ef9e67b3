"""Mails: written to a table in the transaction of their act, sent by a process of its own, read on a page.

Every mail is plain text. Never: who is told what (the features decide), a mail sent inside a request.
When to modify: how mails are written, sent or read changes.
"""

from matchmaker.mail.outbox import put

__all__ = ["put"]

"""The audit trail: who changed what, and when. Entries are added, never changed.

Never: a decision taken from what it holds; a need, an answer or personal data copied in full.
When to modify: what must be traced changes.
"""

from matchmaker.journal.trail import LOCAL, Entry, entries, record

__all__ = ["LOCAL", "Entry", "entries", "record"]

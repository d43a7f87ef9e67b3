"""Notifications: what happened that somebody should know, on one page and in one mail a day.

Features say what happened (``tell``); here it is kept, shown, sent, and unsubscribed from.

Never: a name of another organisme in a notification's words: a mail is read over shoulders.
When to modify: people are told in another way.
"""

from matchmaker.notifications.feed import tell

__all__ = ["tell"]

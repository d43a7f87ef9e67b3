"""The public simulator: what would we get, and who says so, before any account and any partner.

Never: an amount, a database.
When to modify: the page asks or answers something more.
"""

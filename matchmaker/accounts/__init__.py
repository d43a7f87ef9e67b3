"""Accounts: who people are, how they sign in, what they may do and where.

Holds: sign-in by link, password or provider; roles; invitations; claims of an organisme; consents.
Never: what a page of another feature shows. Those ask ``web.access`` and know no account.
When to modify: how people sign in, or how they get a role, changes.
"""

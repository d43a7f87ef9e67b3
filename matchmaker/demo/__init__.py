"""The demonstration campaign, built from real establishments and drawn needs.

Never: real needs.
When to modify: the demonstration changes.
"""

"""The audit trail

Never:  who changed what, when..
When to modify: the change itself:what must be traced changes.
"""

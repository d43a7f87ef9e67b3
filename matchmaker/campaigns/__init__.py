"""A campaign, the ESMS in it and their needs, and the files they arrive by.

Never: a run, a proposal.
When to modify: what an ESMS answers changes.
"""

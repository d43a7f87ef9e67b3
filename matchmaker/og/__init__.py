"""Pages of an OG: its ESMS and what they answer, what it could get, why it may be alone.

Never: what another organisme answered, its name or its exact figures.
"""

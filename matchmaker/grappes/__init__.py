"""Grappes formed by hand: an organisme opens one, others ask to join, the judge says at once what is wrong.

Who is accepted sees who else is; who asks, or is asked, sees no more than a card (``matchmaker.partners``).
ESMS that asked are counted apart from those accepted, everywhere.

Never: a rule of its own: all of them are the judge's (decision 0126).
When to modify: what organismes decide together without the optimiser changes.
"""

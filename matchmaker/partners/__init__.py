"""Partners: the other organismes of a campaign, without names until both said yes; then a thread of messages.

A page shows cells of at least three organismes that nobody can tell apart (``cells``), ranked by what they
have in common with the one who looks (``compatibility``, ``board``). What one organisme says of another
(``interests``) is never told; that both said yes is read from the two rows, never written by a request.

Never: a name before both said yes, an exact distance or count, a row's number in a page.
When to modify: what is shown before, or after, both said yes changes (decision 0124).
"""

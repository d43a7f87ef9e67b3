"""What all pages share: rendering, formats, access, security headers, sessions, errors.

Never: a table, a query of a feature, a rule of the programme.
When to modify: the way every page is made changes.
"""

"""What every page shares

Never:  rendering, formats, security headers, errors, access..
When to modify: a page, a query, a rule:the way pages are made changes.
"""

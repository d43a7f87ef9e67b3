"""The rules as dated, cited data files, and the scales built from them.

Never: an amount written in code.
When to modify: a text changes what is paid (then change data/baremes only).
"""

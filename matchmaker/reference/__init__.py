"""Communes, départements, régions, FINESS categories, DUI solutions, as shipped in data/.

Never: a table, a page.
When to modify: a reference list changes shape.
"""

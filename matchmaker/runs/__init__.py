"""A run of the optimiser

Never:  its row, its queue, its worker, its live page..
When to modify: what is computed:how long work is done changes.
"""

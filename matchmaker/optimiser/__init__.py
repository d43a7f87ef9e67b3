"""From a campaign to an instance and from files to the solver

Never:  the door to solver/..
When to modify: a model, a page:the contract of instances changes.
"""

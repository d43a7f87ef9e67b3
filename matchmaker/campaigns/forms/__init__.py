"""Forms of campaigns: what a person typed, read as values, with French sentences at the fields.

What may be kept is decided by the features' functions; ``Form.attach`` puts their refusals at the fields.

When to modify: a page of campaigns asks something more.
"""

"""From an instance to a proposal: search, figures, judge, explanations."""

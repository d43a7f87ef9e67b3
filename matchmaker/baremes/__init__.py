"""The rules as dated, cited data files, and the scales built from them.

Never: an amount written in code.
When to modify: a text changes what is paid (then change data/baremes only).
"""

from matchmaker.baremes.loading import RulesError, load_rules
from matchmaker.baremes.rules import Rules
from matchmaker.baremes.scales import scale_for, shipped_rules

__all__ = ["Rules", "RulesError", "load_rules", "scale_for", "shipped_rules"]

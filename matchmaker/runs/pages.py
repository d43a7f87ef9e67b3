"""Every page of this feature, on one blueprint."""

from matchmaker.runs import ending_routes
from matchmaker.runs.routes import blueprint

__all__ = ["blueprint", "ending_routes"]

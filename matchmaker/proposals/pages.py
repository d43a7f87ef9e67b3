"""Every page of this feature, on one blueprint."""

from matchmaker.proposals import (
    export_routes,
    import_routes,
    keeping_routes,
    publishing_routes,
    sensitivity_routes,
    synthesis_routes,
)
from matchmaker.proposals.routes import blueprint, plan_context

__all__ = [
    "blueprint",
    "export_routes",
    "import_routes",
    "keeping_routes",
    "plan_context",
    "publishing_routes",
    "sensitivity_routes",
    "synthesis_routes",
]

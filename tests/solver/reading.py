"""Documents of tests read as a command would read them."""

from __future__ import annotations

import json
from typing import Any

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Instance
from solver.scale import Scale


def read(document: dict[str, Any]) -> tuple[Instance, Scale]:
    """The instance and the scale that it is paid by."""
    instance = read_instance(json.dumps(document).encode())
    return instance, scale_for(instance.regime, instance.parameters.readings)

"""What a page that saves as one types sent before and never heard the answer of (decision 0137).

When to modify: the script of those pages (``static/js/saisie.js``) says it otherwise.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

FIELD = "envoyes"
MOST = 60  # saves of one form; the script keeps fewer
_MOST_FIELDS = 300


def sent_before(sent: MultiDict[str, str]) -> list[MultiDict[str, str]]:
    """Each earlier save of this form, as its fields; raises ``ValueError`` when the page is none of ours."""
    text = sent.get(FIELD, "")
    if not text:
        return []
    held = json.loads(text)
    if not isinstance(held, list) or len(held) > MOST or not all(isinstance(one, str) for one in held):
        raise ValueError("not what a page sent before")
    return [MultiDict(parse_qsl(one, keep_blank_values=True, max_num_fields=_MOST_FIELDS)) for one in held]

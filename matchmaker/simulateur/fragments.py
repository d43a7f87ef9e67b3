"""The form's fields as HTML, made once for each value: a page has 44 of them, nearly all as before.

A field is drawn by its id, its value and its errors, and by nothing of who asks; so what was drawn once may
be shown to everybody. When to modify: a field's HTML depends on something more.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from markupsafe import Markup
from wtforms import Field

_MOST = 4_096
_LONGEST = 40

_Key = tuple[str, str, str, tuple[str, ...], tuple[Any, ...]]
_drawn: dict[_Key, Markup] = {}


def drawn(macro: Any, field: Field, *others: Any) -> Markup:
    """What ``macro(field, *others)`` gives, from the last time when nothing has changed."""
    value = field.data or ""
    errors = tuple(str(e) for e in field.errors)
    if len(value) > _LONGEST or current_app.jinja_env.auto_reload:
        return _made(macro, field, *others)
    key = (macro.name, field.id, value, errors, others)
    found = _drawn.get(key)
    if found is None:
        if len(_drawn) >= _MOST:
            _drawn.clear()
        found = _drawn[key] = _made(macro, field, *others)
    return found


def _made(macro: Any, field: Field, *others: Any) -> Markup:
    """The macro's HTML; its own escaping makes it safe."""
    html: Markup = macro(field, *others)
    return html

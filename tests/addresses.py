"""Addresses of the tests' many applications, compiled once per process instead of once per application.

Werkzeug writes and compiles two functions for each rule it binds: nine tenths of the time it takes to put the
application together, in more than a thousand tests. They depend on nothing but the rule's text.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import Rule

_Builder = Callable[..., tuple[str, str]]
_compiled: dict[tuple[str, tuple[tuple[bool, str], ...], bool], _Builder] = {}


class RememberedRule(Rule):
    """A rule whose two functions are those of the first rule with the same text."""

    def _compile_builder(self, append_unknown: bool = True) -> _Builder:
        if self.defaults:  # they are written into the functions
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in _compiled:
            _compiled[key] = super()._compile_builder(append_unknown)
        return _compiled[key]


def remember() -> None:
    """From now on, in this process."""
    Flask.url_rule_class = RememberedRule

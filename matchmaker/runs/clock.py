"""The database's clock, in seconds since 1970 UTC: several machines share one idea of the time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class now_s(GenericFunction[float]):  # noqa: N801 - a SQL function is written in lower case
    """``now_s()`` in a statement: the present second (a float) by the database's clock."""

    type = Double()
    inherit_cache = True


@compiles(now_s)
def _standard(_element: Any, _compiler: Any, **_options: Any) -> str:
    # clock_timestamp moves inside a transaction, now() does not.
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(now_s, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"

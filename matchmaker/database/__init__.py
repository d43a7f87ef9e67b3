"""The database: one engine, one kind of session, migrations.

Holds: the declarative base, engine and session makers, Alembic scripts.
Never: a table (each feature owns its own, in its ``tables.py``), a query.
When to modify: how we talk to SQLite or PostgreSQL changes.
"""

from matchmaker.database.base import Base
from matchmaker.database.engine import Database, open_database

__all__ = ["Base", "Database", "open_database"]

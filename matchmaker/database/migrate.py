"""Bring a database to the current tables, with the Alembic scripts that travel in this package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from matchmaker.database.base import Base
from matchmaker.database.engine import Database

SCRIPTS = Path(__file__).resolve().parent / "migrations"


def upgrade(database: Database, metadata: MetaData | None = None, revision: str = "head") -> None:
    """Apply every missing migration in one go; safe to call at each start."""
    with database.writing() as session:
        command.upgrade(_config(session.connection(), metadata), revision)


def _config(connection: object, metadata: MetaData | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    # the base carries the naming convention: constraints get the same names whoever calls
    config.attributes["metadata"] = Base.metadata if metadata is None else metadata
    return config

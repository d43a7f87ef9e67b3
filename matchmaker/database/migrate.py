"""Bring a database to the current tables, with the Alembic scripts that travel in this package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from matchmaker.database.base import Base
from matchmaker.database.engine import Database

SCRIPTS = Path(__file__).resolve().parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply every missing migration in one go; safe to call at each start."""
    with database.writing() as session:
        command.upgrade(_config(session.connection()), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take migrations back down to ``revision``; what their tables held is lost."""
    with database.writing() as session:
        command.downgrade(_config(session.connection()), revision)


def differences(database: Database, metadata: MetaData) -> list[object]:
    """What the tables of ``metadata`` have that the database has not, and the reverse; empty when alike."""
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    # Only its naming convention counts here: scripts name no constraint that it can name.
    config.attributes["metadata"] = Base.metadata
    return config

"""The migration makes the tables that the code declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from matchmaker.database import Base, Database
from matchmaker.geocoding import tables as geocoding_tables
from matchmaker.register import tables as register_tables

OURS = {
    register_tables.Import.__tablename__,
    register_tables.ImportRefusal.__tablename__,
    register_tables.Organisme.__tablename__,
    register_tables.Etablissement.__tablename__,
    geocoding_tables.GeocodedAddress.__tablename__,
}


def test_migrated_tables_are_the_declared_ones(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _parents: kind != "table" or name in OURS,
                "include_object": lambda item, name, kind, _reflected, _other: (
                    kind != "table" or name in OURS
                ),
                "compare_server_default": False,
            },
        )
        assert compare_metadata(context, Base.metadata) == []

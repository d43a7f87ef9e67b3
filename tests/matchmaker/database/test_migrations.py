"""The migrations and the tables of the features say the same thing, on both databases."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, MetaData, inspect

import matchmaker
from matchmaker.database import Base, Database, migrate, open_database


@pytest.fixture
def metadata() -> MetaData:
    """The tables of every feature of the program."""
    for module in pkgutil.walk_packages(matchmaker.__path__, "matchmaker."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    return Base.metadata


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = open_database(empty_database_url)
    yield database
    database.dispose()


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_the_tables_that_the_features_declare(empty: Database, metadata: MetaData) -> None:
    """Tests that autogeneration would have nothing to add."""
    migrate.upgrade(empty)
    assert migrate.differences(empty, metadata) == []
    assert tables_of(empty) == set(metadata.tables)


def test_a_missing_column_is_seen(empty: Database, metadata: MetaData) -> None:
    """Tests the comparison itself: it must be able to fail."""
    migrate.upgrade(empty)
    changed = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["journal_entry"].append_column(Column("not_in_the_migrations", Integer))
    (found,) = migrate.differences(empty, changed)
    assert "not_in_the_migrations" in repr(found)


def test_migrations_can_be_taken_back_and_applied_again(empty: Database, metadata: MetaData) -> None:
    """Tests that going down leaves nothing and that coming up again makes everything."""
    migrate.upgrade(empty)
    migrate.downgrade(empty)
    assert tables_of(empty) == set()
    migrate.upgrade(empty)
    assert tables_of(empty) == set(metadata.tables)


def test_upgrading_twice_changes_nothing(database: Database, metadata: MetaData) -> None:
    """Tests that every start may upgrade."""
    migrate.upgrade(database)
    assert migrate.differences(database, metadata) == []

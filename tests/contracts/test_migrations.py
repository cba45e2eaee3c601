# SPDX-License-Identifier: EUPL-1.2
"""One history of the schema, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from tests.figures import INFLOW, NOW, observation
from training.store import open_store
from training.store.engine import engine_for
from training.store.migrate import downgrade, migrate
from training.store.tables import METADATA


@pytest.fixture
def engine(database_url):
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


def names(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}


class TestMigrate:
    def test_makes_exactly_the_tables_that_the_code_reads(self, database_url, engine):
        migrate(database_url)
        with engine.connect() as connection:
            ours = {
                "include_object": lambda _part, name, kind, *_: (
                    kind != "table" or name in METADATA.tables
                )
            }
            context = MigrationContext.configure(connection, opts=ours)

            assert compare_metadata(context, METADATA) == []

    def test_changes_nothing_the_second_time(self, database_url, tmp_path):
        migrate(database_url)
        with open_store(database_url, tmp_path, clock=lambda: NOW) as store:
            store.series.define([INFLOW])
            store.observations.record([observation(1, known="2020-02-10")])
        migrate(database_url)

        with open_store(database_url, tmp_path) as store:
            assert len(store.observations.as_known_at(NOW).observations) == 1

    def test_works_when_several_start_at_once(self, database_url, engine):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(migrate, [database_url] * 4))

        assert set(METADATA.tables) <= names(engine)

    def test_goes_down_to_nothing_and_up_again(self, database_url, engine):
        migrate(database_url)
        before = names(engine)
        downgrade(database_url, revision="base")

        assert names(engine) == set()
        migrate(database_url)
        assert names(engine) == before

    def test_leaves_nothing_behind_when_a_step_fails(self, database_url, engine):
        with engine.begin() as connection:
            # The last table of the first revision is in the way.
            connection.execute(text("CREATE TABLE intakes (x INTEGER)"))

        with pytest.raises(Exception, match="intakes"):
            migrate(database_url)
        assert names(engine) == {"intakes"}


class TestEngine:
    def test_keeps_what_several_writers_record_at_once(self, database_url, tmp_path):
        migrate(database_url)
        with open_store(database_url, tmp_path, clock=lambda: NOW) as store:
            store.series.define([INFLOW])

            def write(day):
                known = f"2020-02-{day:02}"
                # The same figure from every writer, and one of its own.
                store.observations.record([observation(1, known="2020-01-31")])
                return store.observations.record([observation(day, known=known)])

            with ThreadPoolExecutor(4) as pool:
                receipts = list(pool.map(write, range(1, 21)))
            history = store.observations.history(
                INFLOW.series_id, observation(0, known="2020-01-01").period
            )

        assert sum(receipt.revised + receipt.accepted for receipt in receipts) == 20
        assert sorted(row.observation.value for row in history) == [1, *range(1, 21)]

    def test_is_not_connected_before_it_is_asked_something(self, tmp_path):
        nowhere = "postgresql://nobody@127.0.0.1:1/nothing"

        with open_store(nowhere, tmp_path) as store:
            assert store.engine.dialect.name == "postgresql"

    def test_reads_a_plain_postgresql_address(self):
        engine = engine_for("postgresql://user:secret@host/database")

        assert engine.driver == "psycopg"
        assert isinstance(engine, type(create_engine("sqlite://")))

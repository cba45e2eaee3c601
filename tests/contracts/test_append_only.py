# SPDX-License-Identifier: EUPL-1.2
"""What was recorded stays: attacks on the tables that only grow, on both databases."""

import sqlite3
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.figures import INFLOW, NOW, issued_forecast, manifest, observation, official
from training.store import open_store
from training.store.gate_records import GateOutcome
from training.store.migrate import migrate

COLUMNS = {
    "observations": "value",
    "forecasts": "manifest",
    "publications": "artefact_id",
    "gate_records": "outcome",
    "intakes": "refused",
    "live_scores": "median",
    "official_forecasts": "persons",
}
ATTACKS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "update of one row": "UPDATE {table} SET {column} = '7' WHERE seq = 1",
    "delete": "DELETE FROM {table}",
    "delete of one row": "DELETE FROM {table} WHERE seq = (SELECT max(seq) FROM {table})",
    "upsert": (
        "INSERT INTO {table} {override} SELECT * FROM {table} WHERE true "
        "ON CONFLICT (seq) DO UPDATE SET {column} = excluded.{column}"
    ),
}
SQLITE_ATTACKS = {
    "update of the key": "UPDATE {table} SET seq = seq + 100",
    "replace": "REPLACE INTO {table} SELECT * FROM {table}",
    "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "update or replace": "UPDATE OR REPLACE {table} SET {column} = {column}",
    "update or ignore": "UPDATE OR IGNORE {table} SET {column} = '7'",
}
POSTGRESQL_ATTACKS = {
    "update of the key": "UPDATE {table} SET seq = DEFAULT",
    "truncate": "TRUNCATE {table}",
    "delete through a join": "DELETE FROM {table} AS a USING {table} AS b WHERE a.seq = b.seq",
    "merge": (
        "MERGE INTO {table} AS a USING {table} AS b ON a.seq = b.seq WHEN MATCHED THEN DELETE"
    ),
}


CASES = [
    pytest.param(engine, statement, id=f"{engine}-{name}")
    for engine, own in (("sqlite", SQLITE_ATTACKS), ("postgresql", POSTGRESQL_ATTACKS))
    for name, statement in {**ATTACKS, **own}.items()
]


@contextmanager
def filled_store(url, folder):
    """A store with rows in every table that only grows."""
    migrate(url)
    with open_store(url, folder, clock=lambda: NOW) as store:
        artefact_id = store.artefacts.write(manifest(), files={})
        figures = [observation(3800, known="2020-02-10"), observation(1, known="2020-03-10")]
        store.take_in("x", sha256="", definitions=[INFLOW], observations=figures)
        store.forecasts.issue(issued_forecast())
        later = [observation(3900, known="2026-02-10", period="2026-01-01")]
        store.take_in("x", sha256="", definitions=[], observations=later)
        store.official_forecasts.record([official()])
        store.models.admit(artefact_id, kind="inflow", champion_id=None, outcome=GateOutcome.FIRST)
        yield store


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sqlite")
    with filled_store(f"sqlite:///{folder / 'getij.db'}", folder) as store:
        yield store


@pytest.fixture(scope="module")
def postgresql(postgres, tmp_path_factory):
    with filled_store(postgres.new_database(), tmp_path_factory.mktemp("postgresql")) as store:
        yield store


@pytest.fixture
def filled(request):
    """The filled store on a kind of database, the same one each time: no test may change it."""
    # Were it made for each parameter, pytest would make it anew for nearly every test.
    return request.getfixturevalue(request.param)


def content(store, table):
    with store.engine.connect() as connection:
        return connection.execute(text(f"SELECT * FROM {table} ORDER BY seq")).all()  # noqa: S608  # a constant


@pytest.mark.parametrize("table", COLUMNS)
class TestAttack:
    @pytest.mark.parametrize(("filled", "statement"), CASES, indirect=["filled"])
    def test_changes_nothing(self, filled, table, statement):
        override = "OVERRIDING SYSTEM VALUE" if filled.engine.name == "postgresql" else ""
        before = content(filled, table)

        with pytest.raises(DBAPIError, match="append-only"), filled.engine.begin() as connection:
            connection.execute(
                text(statement.format(table=table, column=COLUMNS[table], override=override))
            )
        assert content(filled, table) == before

    @pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
    def test_by_a_client_with_its_own_settings_changes_nothing(self, filled, table):
        before = content(filled, table)
        client = sqlite3.connect(filled.engine.url.database)
        client.execute("PRAGMA recursive_triggers = OFF")

        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            client.execute(f"REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608  # a constant
        client.close()
        assert content(filled, table) == before


@pytest.mark.parametrize("filled", ["sqlite", "postgresql"], indirect=True)
class TestDatabase:
    @pytest.mark.parametrize("value", ["-1", "1e301", "'NaN'", "'Infinity'", "NULL"])
    def test_refuses_what_is_no_count(self, filled, value):
        row = f"'{INFLOW.series_id}', '2021-01-01', {value}, '2021-02-01', 'stated', 'x', 'x'"
        columns = "series_id, period, value, known_at, known_basis, status, source, recorded_at"

        with pytest.raises(DBAPIError), filled.engine.begin() as connection:
            connection.execute(
                text(f"INSERT INTO observations ({columns}) VALUES ({row}, '2021-02-01')")  # noqa: S608  # constants
            )
        assert len(content(filled, "observations")) == 3

    def test_refuses_figures_of_a_series_without_a_definition(self, filled):
        with pytest.raises(DBAPIError), filled.engine.begin() as connection:
            connection.execute(text("UPDATE series SET series_id = 'nl.other'"))

    def test_refuses_to_empty_the_catalogue_with_all_that_hangs_on_it(self, filled):
        cascade = " CASCADE" if filled.engine.name == "postgresql" else ""
        statement = f"TRUNCATE series{cascade}" if cascade else "DELETE FROM series"

        with pytest.raises(DBAPIError), filled.engine.begin() as connection:
            connection.execute(text(statement))
        assert filled.series.all() == (INFLOW,)

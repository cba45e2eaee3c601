# SPDX-License-Identifier: EUPL-1.2
"""What is part of what comes back with a forecast, also of one from before parts were forecast."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from tests.figures import INFLOW, issued_forecast
from training.store import Store, open_store
from training.store.engine import reading, writing
from training.store.migrate import migrate
from training.store.records import Composition
from training.store.tables import forecasts

MADE_OF = Composition(
    parts={INFLOW.series_id: ("first", "repeat")},
    until={"first": "2025-09", "repeat": "2025-09"},
    left_out=("resettled",),
)


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path / 'getij.sqlite'}"
    migrate(url)
    with open_store(url, tmp_path, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)) as store:
        yield store


class TestComposition:
    def test_comes_back_as_it_was_issued(self, store: Store):
        forecast_id = store.forecasts.issue(replace(issued_forecast(), composition=MADE_OF))

        assert store.forecasts.entry(forecast_id).composition == MADE_OF
        assert store.forecasts.get(forecast_id).composition == MADE_OF

    def test_names_the_whole_of_a_part(self):
        assert MADE_OF.whole_of("repeat") == INFLOW.series_id
        assert MADE_OF.whole_of(INFLOW.series_id) is None

    def test_is_empty_for_a_forecast_from_before_there_were_parts(self, store: Store):
        store.forecasts.issue(issued_forecast())
        with reading(store.engine) as connection:
            row = connection.execute(select(forecasts)).mappings().one()
        facts = json.loads(row["manifest"])
        del facts["composition"]
        old = {**row, "seq": row["seq"] + 1, "forecast_id": "0" * 24, "manifest": json.dumps(facts)}
        with writing(store.engine) as connection:
            connection.execute(insert(forecasts), old)

        assert store.forecasts.entry("0" * 24).composition == Composition()

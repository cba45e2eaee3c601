# SPDX-License-Identifier: EUPL-1.2
"""Observations, snapshots and the identity of what is issued."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import InvalidInput, NotFound
from models.periods import Frequency
from models.types import SamplePaths
from training.store.records import (
    IssuedForecast,
    KnownBasis,
    Observation,
    Quality,
    QualityState,
    Snapshot,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def observed(series_id, period, value):
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=NOON,
        known_basis=KnownBasis.STATED,
        status=Status.OBSERVED,
        source="IND",
    )


def defined(series_id, frequency=Frequency.MONTH):
    return SeriesDefinition(
        series_id=series_id,
        measure=Measure.INFLOW,
        unit="persons",
        frequency=frequency,
        definition="Applications in the month.",
    )


def snapshot(*observations, quarterly=()):
    names = {row.series_id for row in observations}
    return Snapshot(
        known_at=NOON,
        definitions=tuple(
            defined(name, Frequency.QUARTER if name in quarterly else Frequency.MONTH)
            for name in sorted(names)
        ),
        observations=observations,
    )


class TestObservation:
    @pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
    def test_refuses_what_is_not_a_count(self, bad):
        with pytest.raises(InvalidInput, match="not a count"):
            observed("a", date(2018, 3, 1), bad)

    def test_needs_a_time_zone(self):
        row = observed("a", date(2018, 3, 1), 1)
        with pytest.raises(InvalidInput, match="time zone"):
            replace(row, known_at=NOON.replace(tzinfo=None))


class TestSnapshot:
    def test_puts_series_of_different_length_on_one_time_axis(self):
        both = snapshot(
            observed("a", date(2018, 1, 1), 5),
            observed("a", date(2018, 3, 1), 7),
            observed("b", date(2018, 2, 1), 9),
        ).panel(["a", "b"])

        assert [str(month) for month in both.periods] == ["2018-01", "2018-02", "2018-03"]
        assert np.array_equal(both.persons, [[5, np.nan, 7], [np.nan, 9, np.nan]], equal_nan=True)

    def test_never_joins_months_and_quarters(self):
        mixed = snapshot(
            observed("a", date(2018, 1, 1), 5), observed("q", date(2018, 1, 1), 5), quarterly=("q",)
        )
        with pytest.raises(InvalidInput, match="one frequency"):
            mixed.panel(["a", "q"])

    def test_names_a_series_without_figures(self):
        with pytest.raises(NotFound, match="'b'"):
            snapshot(observed("a", date(2018, 1, 1), 5)).panel(["a", "b"])

    def test_has_the_same_hash_for_the_same_figures_whenever_it_was_taken(self):
        first = snapshot(observed("a", date(2018, 1, 1), 5))
        again = replace(first, known_at=datetime(2027, 1, 1, tzinfo=UTC))
        other = snapshot(observed("a", date(2018, 1, 1), 6))

        assert first.sha256 == again.sha256
        assert first.sha256 != other.sha256


class TestIssuedForecast:
    def forecast(self, persons=100.0, issued_at=NOON):
        paths = SamplePaths(
            series_ids=("nl.inflow.total",),
            frequency=Frequency.MONTH,
            origins=np.array(["2025-12"], dtype="datetime64[M]"),
            persons=np.full((2, 1, 3), persons),
        )
        return IssuedForecast(
            issued_at=issued_at,
            as_of=issued_at,
            snapshot_sha256="0" * 64,
            artefact_id="1" * 64,
            code_version="0.1.0",
            seed=7,
            data_until={"nl.inflow.total": "2025-12-31"},
            quality=Quality(state=QualityState.OK),
            coverage=(),
            inflow=paths,
            need=paths,
        )

    def test_keeps_its_identity_when_issued_again_later(self):
        later = datetime(2026, 2, 1, tzinfo=UTC)

        assert self.forecast().forecast_id == self.forecast(issued_at=later).forecast_id

    def test_has_another_identity_when_a_path_differs(self):
        assert self.forecast().forecast_id != self.forecast(persons=101.0).forecast_id

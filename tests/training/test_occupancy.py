# SPDX-License-Identifier: EUPL-1.2
"""The Dutch need: definitions stay apart, bridges are explicit, and the artefact is exact."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import NotFound
from models.occupancy import EXACT_LOG_SD, rounding_log_sd
from models.periods import Frequency, first_day, last_day, month_range
from models.types import SamplePaths
from training.occupancy import (
    INFLOW_ID,
    NEED_ID,
    fit_need,
    model_from_bytes,
    model_to_bytes,
    need_points,
    sample_need,
)
from training.sources.reference import OccupancyBridge
from training.store.records import KnownBasis, Observation, Snapshot

NOW = datetime(2021, 1, 1, tzinfo=UTC)


def observed(series_id, period, value, *, status=Status.OBSERVED):
    return Observation(
        series_id=series_id,
        period=period,
        value=value,
        known_at=NOW,
        known_basis=KnownBasis.ASSUMED,
        status=status,
        source="made by the test",
    )


def bridge(series_id, *, factor=1.0, log_sd=0.01):
    return OccupancyBridge(
        series_id=series_id,
        factor=factor,
        log_sd=log_sd,
        basis="assumption",
        owner="test",
        reason="test",
    )


def snapshot(observations):
    definitions = {
        row.series_id: SeriesDefinition(
            series_id=row.series_id,
            measure=Measure.INFLOW if row.series_id == INFLOW_ID else Measure.OCCUPANCY,
            unit="persons",
            frequency=Frequency.MONTH if row.series_id == INFLOW_ID else Frequency.DATED,
            definition="made by the test",
        )
        for row in observations
    }
    return Snapshot(
        known_at=NOW,
        definitions=tuple(definitions[name] for name in sorted(definitions)),
        observations=tuple(sorted(observations, key=lambda row: (row.series_id, row.period))),
    )


@pytest.fixture(scope="module")
def known():
    """Two years of inflow, and a stock that balances it at two definitions."""
    months = month_range(np.datetime64("2019-01", "M"), 24)
    inflow = [observed(INFLOW_ID, first_day(month), 2000.0) for month in months]
    stock = [observed("nl.exact", last_day(month), 25_000.0) for month in months[:18:3]]
    return snapshot([*inflow, *stock, observed("nl.loose", date(2020, 9, 15), 20_000.0)])


BRIDGES = (bridge("nl.exact"), bridge("nl.loose", factor=1.25, log_sd=0.05))


def futures(months=12, *, origin="2020-12"):
    return SamplePaths(
        series_ids=(INFLOW_ID,),
        frequency=Frequency.MONTH,
        origins=np.array([origin], dtype="datetime64[M]"),
        persons=np.full((50, 1, months), 2000.0),
    )


class TestNeedPoints:
    def test_converts_each_definition_by_its_own_bridge(self, known):
        points = need_points(known, bridges=BRIDGES)

        assert len(points) == 7
        assert points[-1].day == date(2020, 9, 15)
        assert points[-1].persons == 25_000
        assert points[-1].log_sd == pytest.approx(np.hypot(0.05, EXACT_LOG_SD))

    def test_takes_nothing_from_a_definition_without_a_bridge(self, known):
        assert need_points(known, bridges=BRIDGES[1:])[0].day == date(2020, 9, 15)
        assert need_points(known, bridges=()) == ()

    def test_takes_the_best_definition_of_a_day(self):
        day = date(2020, 1, 31)
        both = snapshot([observed("nl.best", day, 100.0), observed("nl.exact", day, 120.0)])

        (point,) = need_points(both, bridges=(bridge("nl.best"), bridge("nl.exact")))

        assert point.persons == 100

    def test_trusts_a_rounded_figure_less(self):
        day = date(2020, 1, 31)
        rounded = snapshot([observed("nl.exact", day, 30_000.0, status=Status.ROUNDED)])

        (point,) = need_points(rounded, bridges=(bridge("nl.exact", log_sd=0.02),))

        assert point.log_sd == pytest.approx(np.hypot(0.02, rounding_log_sd(30_000)))


class TestFitAndSample:
    def test_runs_from_the_last_point_through_known_inflow_into_the_sampled(self, known):
        model = fit_need(known, sampled=futures(), rng=np.random.default_rng(1), bridges=BRIDGES)
        need = sample_need(model, known, sampled=futures(), rng=np.random.default_rng(2))

        assert model.origin == date(2020, 9, 15)
        assert need.series_ids == (NEED_ID,)
        assert need.periods_of(NEED_ID)[0] == np.datetime64("2021-01", "M")
        assert need.of(NEED_ID).shape == (50, 12)
        assert np.median(need.of(NEED_ID)[:, 0]) == pytest.approx(25_000, rel=0.1)

    def test_says_so_when_the_snapshot_holds_no_inflow(self, known):
        with pytest.raises(NotFound, match=r"nl\.inflow\.other"):
            fit_need(
                known,
                sampled=futures(),
                rng=np.random.default_rng(1),
                bridges=BRIDGES,
                inflow_id="nl.inflow.other",
            )


class TestBytes:
    def test_come_back_as_the_same_model(self, known):
        model = fit_need(known, sampled=futures(), rng=np.random.default_rng(1), bridges=BRIDGES)

        assert model_from_bytes(model_to_bytes(model)).as_json() == model.as_json()

    def test_are_the_same_for_the_same_seed_and_snapshot(self, known):
        first, again = (
            model_to_bytes(
                fit_need(known, sampled=futures(), rng=np.random.default_rng(1), bridges=BRIDGES)
            )
            for _ in range(2)
        )

        assert first == again


class TestReferenceBridges:
    def test_build_the_need_from_the_published_figures(self):
        rows = [
            observed("nl.occupancy.entitled", date(2025, 1, 6), 72_610.0),
            observed("nl.occupancy.emergency", date(2025, 1, 6), 30_393.0),
        ]

        (point,) = need_points(snapshot(rows))

        assert point.persons == 72_610

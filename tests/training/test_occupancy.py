# SPDX-License-Identifier: EUPL-1.2
"""The Dutch need: definitions stay apart, bridges are explicit, and the artefact is exact."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import InvalidInput, NotFound
from models.occupancy import EXACT_LOG_SD, rounding_log_sd
from models.periods import Frequency, first_day, last_day, month_range
from models.types import SamplePaths
from training.chains import dutch_chain
from training.occupancy import (
    INFLOW_ID,
    NEED_ID,
    Method,
    NeedModel,
    NeedRecipe,
    champion_of,
    fit_need,
    need_figures,
    need_points,
    with_kinds,
)
from training.sources.reference import OccupancyBridge
from training.store import open_store
from training.store.migrate import migrate
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
            measure=Measure.INFLOW if ".inflow." in row.series_id else Measure.OCCUPANCY,
            unit="persons",
            frequency=(
                Frequency.MONTH
                if ".inflow." in row.series_id
                else Frequency.YEAR
                if ".decisions." in row.series_id
                else Frequency.DATED
            ),
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


KINDS = dutch_chain().inflows


@pytest.fixture(scope="module")
def known_by_kind(known):
    """The same, with the kinds of inflow and two counts of permit holders."""
    months = month_range(np.datetime64("2019-01", "M"), 24)
    shares = dict(zip(KINDS, (0.7, 0.1, 0.2), strict=True))
    kinds = [
        observed(name, first_day(month), 2000.0 * share)
        for name, share in shares.items()
        for month in months[:22]
    ]
    permit_holders = [
        observed("nl.occupancy.permit_holder", day, 6000.0)
        for day in (date(2019, 12, 31), date(2020, 6, 30))
    ]
    return snapshot([*known.observations, *kinds, *permit_holders])


def by_kind(months=12):
    return SamplePaths(
        series_ids=(INFLOW_ID, *KINDS),
        frequency=Frequency.MONTH,
        origins=np.full(4, "2020-12", dtype="datetime64[M]"),
        persons=np.stack(
            [np.full((50, months), each) for each in (2000.0, 1400, 200, 400)], axis=1
        ),
    )


def fit(known, sampled, **options):
    return fit_need(
        known, sampled=sampled, rng=np.random.default_rng(1), bridges=BRIDGES, **options
    )


class TestFitAndSample:
    def test_runs_from_the_last_point_through_known_inflow_into_the_sampled(self, known):
        model = fit(known, futures())
        need = model.sample(futures(), rng=np.random.default_rng(2))

        assert model.chain.origin == date(2020, 9, 15)
        assert need.series_ids == (NEED_ID,)
        assert need.periods_of(NEED_ID)[0] == np.datetime64("2021-01", "M")
        assert need.of(NEED_ID).shape == (50, 12)
        assert np.median(need.of(NEED_ID)[:, 0]) == pytest.approx(25_000, rel=0.1)

    def test_fits_a_single_stage_where_kinds_are_not_known(self, known):
        chain = fit(known, by_kind()).chain

        assert chain.specification.chain_id == "single_stage"
        assert chain.inferred == ()

    def test_fits_the_dutch_chain_where_they_are(self, known_by_kind):
        model = fit(known_by_kind, by_kind())
        need = model.sample(by_kind(), rng=np.random.default_rng(2))

        assert model.chain.specification.chain_id == "nl"
        assert model.chain.counted["nl.occupancy.permit_holder"] == 2
        assert "procedure" in model.chain.inferred
        assert "permit_holder" not in model.chain.inferred
        waiting = np.median(need.of("nl.need.stage.permit_holder")[:, 0])
        assert 4000 < waiting < 9000

    def test_averages_with_the_direct_forecast_where_only_totals_are_known(
        self, known, known_by_kind
    ):
        assert champion_of(fit(known, futures()).chain) is Method.COMBINATION
        assert champion_of(fit(known_by_kind, by_kind()).chain) is Method.CHAIN

    def test_says_so_when_the_snapshot_holds_no_inflow(self, known):
        with pytest.raises(NotFound, match=r"nl\.inflow\.other"):
            fit(known, futures(), inflow_id="nl.inflow.other")

    def test_begins_after_the_last_point_when_occupancy_is_known_later_than_inflow(self, known):
        later = snapshot([*known.observations, observed("nl.exact", date(2021, 2, 20), 25_000.0)])

        need = fit(later, futures()).sample(futures(), rng=np.random.default_rng(2))

        assert need.periods_of(NEED_ID)[0] == np.datetime64("2021-03", "M")

    def test_takes_a_count_of_the_first_days_for_the_end_of_the_month_before(self, known):
        later = snapshot([*known.observations, observed("nl.exact", date(2021, 1, 2), 25_000.0)])

        need = fit(later, futures()).sample(futures(), rng=np.random.default_rng(2))

        assert need.periods_of(NEED_ID)[0] == np.datetime64("2021-01", "M")


class TestWhatWasKnown:
    """The fit at a moment, from a real store in which more is known by now."""

    @pytest.mark.parametrize(("days", "the_same"), [(1, True), (0, False)], ids=["after", "before"])
    def test_alone_counts(self, known_by_kind, tmp_path, days, the_same):
        url = f"sqlite:///{tmp_path / 'getij.sqlite'}"
        migrate(url)
        came_in = NOW + timedelta(days=days)
        with open_store(url, tmp_path, clock=lambda: NOW + timedelta(days=30)) as store:
            store.series.define(known_by_kind.definitions)
            store.observations.record(known_by_kind.observations)
            before = fit(store.observations.as_known_at(NOW), by_kind()).to_files()
            store.observations.record(
                replace(row, value=row.value * 1.02, known_at=came_in)
                for row in known_by_kind.observations
                if row.period >= date(2020, 1, 1)
            )
            after = fit(store.observations.as_known_at(NOW), by_kind()).to_files()

        # What came in by that moment is the control: it must count.
        assert (after == before) is the_same


class TestContradictions:
    def test_of_a_part_and_its_whole_name_both(self, known_by_kind):
        day = date(2020, 4, 30)
        larger = observed("nl.occupancy.permit_holder", day, 60_000.0)

        with pytest.raises(
            InvalidInput,
            match=r"nl\.need\.total: nl\.occupancy\.permit_holder of 2020-04-30 is 60000 persons, "
            r"more than the 25000 of the count of 2020-04-30",
        ):
            fit(snapshot([*known_by_kind.observations, larger]), by_kind())

    def test_of_two_counts_and_the_inflow_name_series_days_and_numbers(self, known):
        larger = observed("nl.exact", date(2020, 9, 20), 90_000.0)

        with pytest.raises(
            InvalidInput,
            match=r"nl\.need\.total: Between 2020-09-15 and 2020-09-20 the stock rose from 25000 "
            r"to 90000 persons, while only \d+ came in",
        ):
            fit(snapshot([*known.observations, larger]), futures())


class TestNeedRecipe:
    @pytest.mark.parametrize("method", [None, *Method])
    def test_comes_back_from_its_file(self, method):
        recipe = NeedRecipe(chain=dutch_chain(), method=method)

        again = NeedRecipe.of(recipe.to_files())
        assert again.method is method
        assert again.to_files() == recipe.to_files()
        assert again.chain == recipe.chain

    def test_is_not_in_an_artefact_of_an_older_version(self):
        assert NeedRecipe.of({"chain.json": b"{}"}) is None


class TestWithKinds:
    def test_makes_up_a_month_like_the_year_before_it(self, known_by_kind):
        panel = known_by_kind.panel([*KINDS, INFLOW_ID])

        kinds = with_kinds(panel, KINDS, INFLOW_ID)

        assert kinds.persons[:, -1] == pytest.approx([1400, 200, 400])
        np.testing.assert_array_equal(kinds.persons[:, :22], panel.persons[:3, :22])


class TestNeedFigures:
    def test_read_each_series_as_its_measurement_says(self, known_by_kind):
        first, second = need_figures(known_by_kind, dutch_chain())

        assert first.measurement.series_id == "nl.occupancy.permit_holder"
        assert (first.value, second.value) == (6000, 6000)
        assert second.moment - first.moment == pytest.approx(6)

    def test_take_a_flow_to_end_with_its_period(self):
        year = snapshot([observed("nl.decisions.granted", date(2019, 1, 1), 4845.0)])

        (figure,) = need_figures(year, dutch_chain())

        assert figure.moment == (2020 - 1970) * 12


class TestFiles:
    def test_come_back_as_the_same_model(self, known):
        model = fit(known, futures())

        again = NeedModel.from_files(model.to_files())

        assert again.to_files() == model.to_files()
        np.testing.assert_array_equal(
            *(
                each.sample(futures(), rng=np.random.default_rng(3)).persons
                for each in (model, again)
            )
        )

    def test_are_the_same_for_the_same_seed_and_snapshot(self, known):
        first, again = (fit(known, futures()).to_files() for _ in range(2))

        assert first == again


class TestReferenceBridges:
    def test_build_the_need_from_the_published_figures(self):
        rows = [
            observed("nl.occupancy.entitled", date(2025, 1, 6), 72_610.0),
            observed("nl.occupancy.emergency", date(2025, 1, 6), 30_393.0),
        ]

        (point,) = need_points(snapshot(rows))

        assert point.persons == 72_610

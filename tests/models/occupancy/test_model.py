# SPDX-License-Identifier: EUPL-1.2
"""The occupancy model: it recovers what made its data, and its paths keep the laws."""

import json
import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.occupancy import DatedPoint, OccupancyModel, Prior, fit_occupancy
from models.occupancy.filtering import Parameters, State, filter_points, steps_between
from models.occupancy.fitting import _weights
from models.occupancy.flow import stock_after
from models.periods import Frequency, last_day, month_range
from models.types import Panel

FIRST = np.datetime64("2015-01", "M")


def panel(persons, *, first=FIRST, frequency=Frequency.MONTH):
    persons = np.atleast_2d(np.asarray(persons, dtype=float))
    return Panel(
        series_ids=tuple(f"s{row}" for row in range(len(persons))),
        frequency=frequency,
        periods=month_range(first, persons.shape[1], frequency),
        persons=persons,
    )


def stocks(arrivals, *, hazard, start=20_000.0, entry=1.0):
    """A slow obvious loop: the stock at each month end under a known hazard."""
    inside, ends = start, []
    for arrived in arrivals:
        inside = float(
            stock_after(
                np.array(inside),
                entrants=np.array(entry * arrived),
                hazard=np.array(hazard),
                months=1.0,
            )
        )
        ends.append(inside)
    return ends


def month_ends(stock, *, every=1, first=FIRST):
    days = [last_day(month) for month in month_range(first, len(stock))]
    return [
        DatedPoint(day=day, persons=inside)
        for day, inside in list(zip(days, stock, strict=True))[::every]
    ]


@pytest.fixture(scope="module")
def arrivals():
    """Oracle data made by the model itself, not a published series."""
    rng = np.random.default_rng(7)
    return 2000 * np.exp(np.cumsum(0.1 * rng.standard_normal(72)))


@pytest.fixture(scope="module")
def model(arrivals):
    points = month_ends(stocks(arrivals, hazard=0.08), every=3)
    return fit_occupancy(points, panel(arrivals), rng=np.random.default_rng(1))


def certain(*, hazard=0.1, persons=1000.0, entry=1.0, origin=date(2019, 12, 31)):
    """One member that knows everything: its paths can be worked out by hand."""
    one = np.ones(1)
    nothing = np.full(1, 1e-12)
    return OccupancyModel(
        origin=origin,
        fitted_from=date(2015, 1, 31),
        points=2,
        parameters=Parameters(
            mean_log_hazard=np.log(hazard) * one,
            half_life=24 * one,
            drift_sd=nothing,
            monthly_sd=nothing,
            entry=entry * one,
        ),
        state=State(
            log_stock=np.log(persons) * one,
            log_hazard=np.log(hazard) * one,
            stock_variance=nothing,
            hazard_variance=nothing,
            covariance=0 * one,
        ),
    )


class TestFit:
    def test_recovers_the_hazard_that_made_the_data(self, model):
        hazard = np.exp(model.state.log_hazard)
        exits = hazard / model.parameters.entry  # entry and exit trade off; their ratio is sharp

        assert np.median(exits) == pytest.approx(0.08, rel=0.1)
        low, high = np.quantile(hazard, [0.025, 0.975])
        assert low < 0.08 < high

    def test_follows_a_hazard_that_has_changed(self, arrivals):
        early = stocks(arrivals[:36], hazard=0.08)
        late = stocks(arrivals[36:], hazard=0.04, start=early[-1])
        points = month_ends(early + late)

        fitted = fit_occupancy(points, panel(arrivals), rng=np.random.default_rng(1))

        ratio = np.exp(fitted.state.log_hazard) / fitted.parameters.entry
        assert np.median(ratio) == pytest.approx(0.04, rel=0.15)

    def test_notices_that_more_enter_than_are_counted(self, arrivals):
        points = month_ends(stocks(arrivals, hazard=0.08, entry=1.5))

        fitted = fit_occupancy(points, panel(arrivals), rng=np.random.default_rng(1))

        assert np.median(fitted.parameters.entry) == pytest.approx(1.5, rel=0.15)

    def test_takes_years_without_any_inflow(self):
        nobody = np.zeros(120)
        points = month_ends(stocks(nobody, hazard=0.05), every=12)

        fitted = fit_occupancy(points, panel(nobody), rng=np.random.default_rng(1))

        assert np.median(np.exp(fitted.state.log_hazard)) == pytest.approx(0.05, rel=0.1)

    @settings(max_examples=20, deadline=None)
    @given(
        inside=st.lists(st.floats(1, 1e6), min_size=2, max_size=8),
        arrived=st.floats(0, 1e6),
        seed=st.integers(0, 2**32 - 1),
    )
    def test_either_refuses_points_or_gives_numbers(self, inside, arrived, seed):
        points = month_ends(inside)
        try:
            fitted = fit_occupancy(
                points, panel(np.full(len(inside), arrived)), rng=np.random.default_rng(seed)
            )
        except InvalidInput:
            return
        need = fitted.sample(np.full((20, 12), arrived), rng=np.random.default_rng(seed))

        assert np.isfinite(need).all()
        assert (need >= 0).all()

    def test_starts_from_the_last_point(self, model, arrivals):
        stock = stocks(arrivals, hazard=0.08)

        assert model.origin == date(2020, 10, 31)
        assert np.exp(model.state.log_stock) == pytest.approx(stock[69], rel=0.01)

    def test_is_the_same_for_the_same_generator_state(self, model, arrivals):
        points = month_ends(stocks(arrivals, hazard=0.08), every=3)

        again = fit_occupancy(points[::-1], panel(arrivals), rng=np.random.default_rng(1))

        assert again.as_json() == model.as_json()

    def test_leaves_out_points_before_a_gap_in_the_inflow_and_says_so(self, arrivals):
        gappy = arrivals.copy()
        gappy[30] = np.nan

        fitted = fit_occupancy(
            month_ends(stocks(arrivals, hazard=0.08)), panel(gappy), rng=np.random.default_rng(1)
        )

        assert fitted.fitted_from == date(2017, 7, 31)
        assert fitted.points == 42

    def test_does_not_mind_a_gap_in_the_inflow_after_the_last_point(self, arrivals, model):
        gappy = np.append(arrivals, [np.nan, 2000.0])

        points = month_ends(stocks(arrivals, hazard=0.08), every=3)
        fitted = fit_occupancy(points, panel(gappy), rng=np.random.default_rng(1))

        assert fitted.as_json() == model.as_json()

    def test_believes_a_rough_point_less_than_an_exact_one(self, arrivals):
        points = month_ends(stocks(arrivals, hazard=0.08))
        high = points[-1].persons * 1.2
        ends = []
        for log_sd in (0.003, 0.2):
            last = DatedPoint(day=points[-1].day, persons=high, log_sd=log_sd)
            fitted = fit_occupancy(
                [*points[:-1], last], panel(arrivals), rng=np.random.default_rng(1)
            )
            ends.append(np.exp(fitted.state.log_stock).mean())

        assert ends[0] == pytest.approx(high, rel=0.01)
        assert ends[1] < ends[0] * 0.9

    def test_refuses_a_single_point(self, arrivals):
        points = [DatedPoint(day=date(2016, 1, 31), persons=100)]

        with pytest.raises(InvalidInput, match="two days"):
            fit_occupancy(points, panel(arrivals), rng=np.random.default_rng(1))

    def test_refuses_inflow_that_ends_before_the_last_point(self, arrivals):
        points = month_ends(stocks(arrivals, hazard=0.08))

        with pytest.raises(InvalidInput, match="before the last point, 2020-12-31"):
            fit_occupancy(points, panel(arrivals[:-1]), rng=np.random.default_rng(1))

    def test_refuses_inflow_by_quarter_or_of_two_series(self, arrivals):
        points = month_ends(stocks(arrivals, hazard=0.08))

        for wrong in (panel(arrivals, frequency=Frequency.QUARTER), panel([arrivals, arrivals])):
            with pytest.raises(InvalidInput, match="one monthly"):
                fit_occupancy(points, wrong, rng=np.random.default_rng(1))


class TestFilterPoints:
    def test_likes_the_parameters_that_made_the_data_best(self, arrivals):
        hazards = np.array([0.04, 0.06, 0.08, 0.1, 0.12])
        size = np.ones(len(hazards))
        _, likelihood = filter_points(
            Parameters(
                mean_log_hazard=np.log(hazards),
                half_life=24 * size,
                drift_sd=0.01 * size,
                monthly_sd=0.01 * size,
                entry=size,
            ),
            points=month_ends(stocks(arrivals, hazard=0.08)),
            arrivals=arrivals,
            first_month=int(FIRST.astype(int)),
        )

        assert int(np.argmax(likelihood)) == 2

    def test_predicts_the_spread_that_simulation_shows(self, arrivals):
        """The linearised variance against 20,000 simulated futures of the same member."""
        model = certain(origin=date(2014, 12, 31), persons=20_000, hazard=0.08)
        one = np.ones(1)
        parameters = Parameters(
            mean_log_hazard=np.log(0.08) * one,
            half_life=24 * one,
            drift_sd=0.05 * one,
            monthly_sd=0.1 * one,
            entry=one,
        )
        start = State(
            log_stock=np.log(20_000) * one,
            log_hazard=np.log(0.08) * one,
            stock_variance=one * 1e-6,
            hazard_variance=0.05**2 * 24 / (2 * np.log(2)) * one,
            covariance=0 * one,
        )
        drawn = OccupancyModel(
            origin=model.origin,
            fitted_from=model.origin,
            points=1,
            parameters=parameters,
            state=start,
        ).sample(np.tile(arrivals[:9], (20_000, 1)), rng=np.random.default_rng(1))
        rough = DatedPoint(day=date(2015, 9, 30), persons=20_000, log_sd=1e3)

        state, _ = filter_points(
            parameters,
            points=[DatedPoint(day=model.origin, persons=20_000, log_sd=1e-3), rough],
            arrivals=np.concatenate([[0.0], arrivals]),
            first_month=int(FIRST.astype(int)) - 1,
        )

        spread = float(np.sqrt(state.stock_variance[0]))
        assert spread == pytest.approx(np.log(drawn[:, -1]).std(), rel=0.05)


class TestStepsBetween:
    def test_walks_whole_months_and_the_parts_at_both_ends(self):
        steps = steps_between(10.25, 12.5)

        assert [month for month, _ in steps] == [10, 11, 12]
        assert [length for _, length in steps] == pytest.approx([0.75, 1.0, 0.5])

    def test_is_empty_between_a_moment_and_itself(self):
        assert steps_between(11.0, 11.0) == []


class TestSample:
    def test_gives_the_two_months_worked_out_by_hand(self):
        # hazard 0.1: of 1000 persons 904.84 stay; of 200 entering evenly 190.33 stay (0.95163 each)
        # then 1095.16 -> 990.94, and of 100 entering 95.16
        need = certain().sample(np.array([[200.0, 100.0]]), rng=np.random.default_rng(1))

        assert need[0] == pytest.approx([1095.16, 1086.11], abs=0.01)

    def test_counts_only_the_rest_of_the_month_in_which_the_last_point_lies(self):
        # from 15 June on 15 of 30 days are left: 1000 exp(-0.05) and half a month of entry
        need = certain(origin=date(2020, 6, 15)).sample(
            np.array([[200.0]]), rng=np.random.default_rng(1)
        )

        assert need[0, 0] == pytest.approx(951.229 + 200 * 0.487706, abs=0.01)

    def test_needs_inflow_from_the_month_after_a_point_on_its_last_day(self):
        assert certain(origin=date(2020, 6, 30)).first_month == np.datetime64("2020-07", "M")
        assert certain(origin=date(2020, 6, 15)).first_month == np.datetime64("2020-06", "M")

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), level=st.floats(0, 20_000))
    def test_has_fewer_people_every_month_when_nobody_comes(self, model, seed, level):
        inflow = np.zeros((50, 24))
        inflow[:, 0] = level

        need = model.sample(inflow, rng=np.random.default_rng(seed))

        assert (np.diff(need, axis=1) < 0).all()
        assert (need >= 0).all()

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), month=st.integers(0, 23), more=st.floats(0, 10_000))
    def test_never_needs_fewer_places_when_more_come(self, model, arrivals, seed, month, more):
        inflow = np.tile(arrivals[:24], (50, 1))
        raised = inflow.copy()
        raised[:, month] += more

        base = model.sample(inflow, rng=np.random.default_rng(seed))
        higher = model.sample(raised, rng=np.random.default_rng(seed))

        assert (higher >= base).all()
        assert (higher - base <= more * model.parameters.entry.max() * (1 + 1e-9) + 1e-6).all()

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1))
    def test_never_holds_more_than_were_inside_and_entered(self, model, arrivals, seed):
        inflow = np.tile(arrivals[:24], (50, 1))

        need = model.sample(inflow, rng=np.random.default_rng(seed))

        entered = model.parameters.entry.max() * inflow[:, 1:]
        assert (need[:, 1:] <= (need[:, :-1] + entered) * (1 + 1e-12)).all()

    def test_draws_ten_thousand_paths_of_five_years_within_a_second_of_one_core(self, model):
        inflow = np.full((10_000, 60), 2000.0)

        before = time.process_time()
        need = model.sample(inflow, rng=np.random.default_rng(1))
        spent = time.process_time() - before

        assert need.shape == (10_000, 60)
        assert spent < 1.0

    def test_follows_its_own_inflow_path(self, model):
        """Path k answers to inflow path k alone."""
        inflow = np.full((4, 12), 2000.0)
        base = model.sample(inflow, rng=np.random.default_rng(3))
        inflow[2] *= 2

        changed = model.sample(inflow, rng=np.random.default_rng(3)) != base

        assert changed.any(axis=1).tolist() == [False, False, True, False]

    def test_spreads_further_the_further_it_looks(self, model):
        need = model.sample(np.full((4000, 48), 2000.0), rng=np.random.default_rng(3))

        spread = np.log(need).std(axis=0)
        assert spread[2] < spread[11] < spread[47]

    def test_refuses_inflow_that_is_no_count(self, model):
        for wrong in (-1.0, np.nan, np.inf):
            with pytest.raises(InvalidInput, match="never negative"):
                model.sample(np.array([[100.0, wrong]]), rng=np.random.default_rng(1))


class TestJson:
    def test_comes_back_number_for_number(self, model):
        again = OccupancyModel.from_json(json.loads(json.dumps(model.as_json())))
        inflow = np.full((20, 6), 2000.0)

        assert again.as_json() == model.as_json()
        np.testing.assert_array_equal(
            again.sample(inflow, rng=np.random.default_rng(5)),
            model.sample(inflow, rng=np.random.default_rng(5)),
        )


class TestPrior:
    def test_centres_the_hazard_on_the_level_it_is_given(self):
        mean, spread = Prior(entry=(1.2, 0.1)).vectors(0.05)

        assert mean[0] == np.log(0.05)
        assert mean[4] == np.log(1.2)
        assert spread[4] == 0.1


class TestWeights:
    def test_are_the_likelihood_where_enough_choices_count(self):
        weight = _weights(np.log(np.arange(1.0, 201.0)))

        np.testing.assert_allclose(weight, np.arange(1.0, 201.0) / np.arange(1.0, 201.0).sum())

    def test_let_no_lucky_few_carry_all_and_no_wild_choice_count(self):
        weight = _weights(np.concatenate([[1e9, np.nan, -np.inf], np.zeros(500)]))

        assert 1 / (weight**2).sum() >= 60
        assert weight[0] == weight.max()
        assert weight.sum() == pytest.approx(1)

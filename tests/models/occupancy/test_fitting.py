# SPDX-License-Identifier: EUPL-1.2
"""Fitting a chain: it recovers what made its figures, and says what it could only infer."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.occupancy import Chain, Cohorts, DatedPoint, Figure, fit_chain
from models.occupancy.figures import check_figures, figures_of_points
from models.occupancy.specification import (
    Bottleneck,
    ChainSpecification,
    Compartment,
    Entry,
    Into,
    Measured,
    Measurement,
    Parameter,
    Route,
    Title,
    Unit,
)
from models.periods import Frequency, last_day, month_range
from models.types import Panel

FIRST = np.datetime64("2015-01", "M")


def title(name):
    return Title(nl=name, en=name)


def parameter(name, unit, median, *, spread=0.5, drift=0.05):
    return Parameter(
        name=name, unit=unit, median=median, spread=spread, drift=drift, owner="t", reason="t"
    )


SINGLE = ChainSpecification(
    chain_id="single",
    title=title("single"),
    months_tracked=12,
    groups={"all": title("all")},
    stages={"reception": title("reception")},
    parameters=(
        parameter("exit", Unit.PER_MONTH, 0.06),
        parameter("entry", Unit.RATIO, 1.0, spread=0.2, drift=0.0),
    ),
    compartments=(
        Compartment(group="all", stage="reception", hazard="exit", leave=(Route(to=None),)),
    ),
    entries=(Entry(inflow="s0", ratio="entry", into=(Into(group="all", stage="reception"),)),),
)

WAITING = Measurement(series_id="waiting", measured=Measured.STOCK, stages=("waiting",))
HOUSED = Measurement(
    series_id="housed", measured=Measured.FLOW, routes=(("waiting", None),), months=12
)
GRANTED = Measurement(series_id="rate", measured=Measured.VALUE, parameter="grant", months=12)

TWO_STAGES = ChainSpecification(
    chain_id="two",
    title=title("two"),
    months_tracked=24,
    groups={"all": title("all")},
    stages={"procedure": title("procedure"), "waiting": title("waiting")},
    parameters=(
        parameter("decided", Unit.PER_MONTH, 0.1),
        parameter("grant", Unit.SHARE, 0.5),
        parameter("homes", Unit.PERSONS_PER_MONTH, 900.0),
        parameter("entry", Unit.RATIO, 1.0, spread=0.05, drift=0.0),
    ),
    compartments=(
        Compartment(
            group="all",
            stage="procedure",
            hazard="decided",
            leave=(Route(to="waiting", share="grant"), Route(to=None)),
        ),
        Compartment(group="all", stage="waiting", bottleneck="homes", served=(Route(to=None),)),
    ),
    bottlenecks=(
        Bottleneck(
            name="homes",
            title=title("homes"),
            capacity="homes",
            response=0.5,
            reference=5000,
            partner="municipalities",
        ),
    ),
    entries=(Entry(inflow="s0", ratio="entry", into=(Into(group="all", stage="procedure"),)),),
    measurements=(WAITING, HOUSED, GRANTED),
)


def panel(persons, *, first=FIRST, frequency=Frequency.MONTH):
    persons = np.atleast_2d(np.asarray(persons, dtype=float))
    return Panel(
        series_ids=tuple(f"s{row}" for row in range(len(persons))),
        frequency=frequency,
        periods=month_range(first, persons.shape[1], frequency),
        persons=persons,
    )


def truth(specification, arrivals, *, values, start=20_000.0):
    """What a chain of known parameters does: persons by compartment and the flows, by month."""
    chain = Chain(specification)
    state = np.zeros((*chain.shape, 1))
    state[:, 0] = start
    cohorts = Cohorts(state, months=len(arrivals))
    persons, flows = [], []
    for month, counted in enumerate(arrivals):
        now = {
            name: np.array([value[month] if np.ndim(value) else value], dtype=float)
            for name, value in values.items()
        }
        flows.append(chain.step(cohorts, values=now, arrivals=np.array([[counted]])))
        persons.append(cohorts.now.sum(axis=1)[:, 0])
    return np.array(persons), flows


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


def fitted(points, inflow, *, specification=SINGLE, seed=1, **options):
    return fit_chain(
        specification, points, inflow, rng=np.random.default_rng(seed), members=600, **options
    )


def value_of(model, name):
    names = [part.name for part in model.specification.parameters]
    part = model.specification.parameter(name)
    return part.outward(model.state.inward[names.index(name)])


class TestFit:
    def test_recovers_the_hazard_that_made_the_data(self, arrivals):
        persons, _ = truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})

        model = fitted(month_ends(persons[:, 0], every=3), panel(arrivals))

        # Entry and exit trade off; their ratio is sharp.
        ratio = value_of(model, "exit") / value_of(model, "entry")
        assert np.median(ratio) == pytest.approx(0.08, rel=0.1)

    def test_follows_a_hazard_that_has_changed(self, arrivals):
        changed = np.where(np.arange(72) < 36, 0.08, 0.04)
        persons, _ = truth(SINGLE, arrivals, values={"exit": changed, "entry": 1.0})

        model = fitted(month_ends(persons[:, 0]), panel(arrivals))

        ratio = value_of(model, "exit") / value_of(model, "entry")
        assert np.median(ratio) == pytest.approx(0.04, rel=0.15)

    def test_starts_from_the_last_point(self, arrivals):
        persons, _ = truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})

        model = fitted(month_ends(persons[:, 0]), panel(arrivals))

        assert model.until == np.datetime64("2020-12", "M")
        assert model.origin == date(2020, 12, 31)
        stock = model.state.cohorts.sum(axis=(0, 1))
        assert np.median(stock) == pytest.approx(persons[-1, 0], rel=0.01)

    def test_walks_on_through_the_inflow_known_since_the_last_point(self, arrivals):
        persons, _ = truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})
        points = month_ends(persons[:60, 0])

        model = fitted(points, panel(arrivals))

        assert model.until == np.datetime64("2020-12", "M")
        assert model.origin == date(2019, 12, 31)
        stock = model.state.cohorts.sum(axis=(0, 1))
        low, high = np.quantile(stock, [0.05, 0.95])
        assert low < persons[-1, 0] < high

    def test_does_not_depend_on_the_order_of_the_points(self, arrivals):
        points = month_ends(truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})[0][:, 0])

        first, again = (fitted(given, panel(arrivals)) for given in (points, points[::-1]))

        np.testing.assert_array_equal(first.state.cohorts, again.state.cohorts)
        assert first.as_json() == again.as_json()

    def test_likes_the_parameters_that_made_the_data_best(self, arrivals):
        points = month_ends(truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})[0][:, 0])
        likelihoods = [
            fitted(
                points,
                panel(arrivals),
                specification=SINGLE.with_parameter(
                    replace(SINGLE.parameter("exit"), median=median, spread=0.05, drift=0.005)
                ),
            ).log_likelihood
            for median in (0.04, 0.08, 0.16)
        ]

        assert int(np.argmax(likelihoods)) == 1

    def test_believes_a_rough_point_less_than_an_exact_one(self, arrivals):
        points = month_ends(truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})[0][:, 0])
        high = points[-1].persons * 1.2
        ends = []
        for log_sd in (0.003, 0.2):
            last = DatedPoint(day=points[-1].day, persons=high, log_sd=log_sd)
            model = fitted([*points[:-1], last], panel(arrivals))
            ends.append(model.state.cohorts.sum(axis=(0, 1)).mean())

        assert ends[0] == pytest.approx(high, rel=0.05)
        assert ends[1] < ends[0] * 0.9

    def test_takes_years_without_any_inflow(self):
        nobody = np.zeros(120)
        persons, _ = truth(SINGLE, nobody, values={"exit": 0.05, "entry": 1.0})

        model = fitted(month_ends(persons[:, 0], every=12), panel(nobody))

        assert np.isfinite(model.state.cohorts).all()

    @settings(max_examples=15, deadline=None)
    @given(
        inside=st.lists(st.floats(1, 1e6), min_size=2, max_size=6),
        arrived=st.floats(0, 1e6),
        seed=st.integers(0, 2**32 - 1),
    )
    def test_either_refuses_points_or_gives_numbers(self, inside, arrived, seed):
        try:
            model = fit_chain(
                SINGLE,
                month_ends(inside),
                panel(np.full(len(inside), arrived)),
                rng=np.random.default_rng(seed),
                members=50,
            )
        except InvalidInput:
            return
        course = model.sample(np.full((1, 20, 12), arrived), rng=np.random.default_rng(seed))

        assert np.isfinite(course.total).all()
        assert (course.total >= 0).all()


KNOWN = {"decided": 0.1, "grant": 0.7, "homes": 700.0, "entry": 1.0}


class TestStages:
    @pytest.fixture(scope="class")
    @staticmethod
    def past(arrivals):
        return truth(TWO_STAGES, arrivals, values=KNOWN, start=8000.0)

    @pytest.mark.parametrize("surprise", [0.5, 1.0, 1.8])
    def test_has_in_every_member_what_an_exact_count_says(self, arrivals, past, surprise):
        yearly = month_ends(past[0].sum(axis=1))[11::12]
        last = replace(yearly[-1], persons=yearly[-1].persons * surprise, log_sd=0.005)

        model = fitted([*yearly[:-1], last], panel(arrivals), specification=TWO_STAGES)

        off = np.log(model.state.cohorts.sum(axis=(0, 1)) / last.persons)
        assert abs(off.mean()) < 0.005
        assert off.std() < 0.0075

    def test_infers_the_split_from_totals_alone_and_says_so(self, arrivals, past):
        persons, _ = past

        model = fitted(month_ends(persons.sum(axis=1)), panel(arrivals), specification=TWO_STAGES)

        assert model.inferred == ("procedure", "waiting")
        waiting = model.state.cohorts[1].sum(axis=0)
        low, high = np.quantile(waiting, [0.025, 0.975])
        assert low < persons[-1, 1] < high

    def test_knows_the_split_better_once_a_stage_is_counted(self, arrivals, past):
        persons, _ = past
        points = month_ends(persons.sum(axis=1))
        counts = [
            Figure(measurement=WAITING, moment=point.moment, value=inside, error=0.02)
            for point, inside in zip(points, persons[:, 1], strict=True)
        ][::6]

        blind, told = (
            fitted(points, panel(arrivals), specification=TWO_STAGES, figures=figures)
            for figures in ((), counts)
        )

        spreads = [np.log1p(model.state.cohorts[1].sum(axis=0)).std() for model in (blind, told)]
        assert spreads[1] < spreads[0] / 2
        assert told.inferred == ("procedure",)
        waiting = np.median(told.state.cohorts[1].sum(axis=0))
        assert waiting == pytest.approx(persons[-1, 1], rel=0.1)

    def test_learns_from_a_flow_and_from_a_rate(self, arrivals, past):
        persons, flows = past
        points = month_ends(persons.sum(axis=1))
        years = [
            float(sum(part.moved["all", "waiting", None][0] for part in flows[begin : begin + 12]))
            for begin in range(0, 72, 12)
        ]
        start = float(FIRST.astype(int))
        told = [
            Figure(measurement=HOUSED, moment=start + 12 * (year + 1), value=housed, error=0.02)
            for year, housed in enumerate(years)
        ]
        told += [
            Figure(measurement=GRANTED, moment=start + 12 * (year + 1), value=0.7, error=0.1)
            for year in range(6)
        ]

        model = fitted(points, panel(arrivals), specification=TWO_STAGES, figures=told)

        assert np.median(value_of(model, "grant")) == pytest.approx(0.7, abs=0.05)
        assert model.counted["housed"] == 6

    def test_leaves_out_a_period_that_began_before_the_inflow_is_known(self, arrivals, past):
        persons, _ = past
        begin = float(FIRST.astype(int))
        early = Figure(measurement=HOUSED, moment=begin + 6, value=4000, error=0.02)

        model = fitted(
            month_ends(persons.sum(axis=1)),
            panel(arrivals),
            specification=TWO_STAGES,
            figures=[early],
        )

        assert "housed" not in model.counted


class TestRefusals:
    @pytest.fixture(scope="class")
    @staticmethod
    def points(arrivals):
        persons, _ = truth(SINGLE, arrivals, values={"exit": 0.08, "entry": 1.0})
        return month_ends(persons[:, 0])

    def test_refuses_a_single_point(self, arrivals):
        with pytest.raises(InvalidInput, match="two days"):
            fitted([DatedPoint(day=date(2016, 1, 31), persons=100)], panel(arrivals))

    def test_refuses_inflow_that_ends_before_the_last_point(self, points, arrivals):
        with pytest.raises(InvalidInput, match="before the last point, 2020-12-31"):
            fitted(points, panel(arrivals[:-1]))

    def test_refuses_a_gap_after_the_last_point_and_names_it(self, points, arrivals):
        gappy = arrivals.copy()
        gappy[-3:-1] = np.nan

        with pytest.raises(InvalidInput, match="from 2020-10 to 2020-11"):
            fitted(points[:60], panel(gappy))

    def test_leaves_out_points_before_a_gap_in_the_inflow(self, points, arrivals):
        gappy = arrivals.copy()
        gappy[30] = np.nan

        model = fitted(points, panel(gappy))

        assert model.fitted_from == date(2017, 7, 31)
        assert model.points == 42

    def test_refuses_inflow_by_quarter_or_of_two_series(self, points, arrivals):
        for wrong in (panel(arrivals, frequency=Frequency.QUARTER), panel([arrivals, arrivals])):
            with pytest.raises(InvalidInput, match="1 monthly inflow series"):
                fitted(points, wrong)

    def test_refuses_a_part_that_is_larger_than_its_whole(self, points, arrivals):
        last = points[-1]
        part = Figure(
            measurement=replace(WAITING, stages=("reception",)),
            moment=last.moment,
            value=last.persons * 2,
            error=0.05,
            source="waiting of 2020-12-31",
        )

        with pytest.raises(InvalidInput, match=r"waiting of 2020-12-31 is .* more than the"):
            fitted(points, panel(arrivals), figures=[part])

    def test_takes_a_part_that_exceeds_its_whole_within_its_error(self, points):
        last = points[-1]
        part = Figure(
            measurement=WAITING, moment=last.moment, value=last.persons * 1.02, error=0.05
        )

        check_figures([*figures_of_points([last]), part])

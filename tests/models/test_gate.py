# SPDX-License-Identifier: EUPL-1.2
"""The verdict at the champion gate: better in all of it, beyond chance, or the champion stays."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from models.errors import InvalidInput
from models.gate import FEWEST, GateSheet, GateVerdict, Ruling, rule, ruling_of
from models.scores import UPPER, crps
from models.types import LEVELS

NORMAL = norm.ppf(LEVELS)
HORIZON = 24
JANUARY = np.datetime64("2020-01", "M")


def periods(months: int, *, every: int = HORIZON, horizon: int = HORIZON) -> np.ndarray:
    """Months that are forecast at cutoffs every so often, shape (cutoffs, 1, horizon)."""
    cutoffs = np.arange(0, months - horizon + 1, every)
    return (JANUARY + cutoffs[:, None] + np.arange(horizon))[:, None]


def flat(values, count: int = HORIZON) -> np.ndarray:
    """One value at every level and month of each cutoff, shape (cutoffs, 1, count, levels)."""
    ones = np.ones((len(values), 1, count, len(LEVELS)))
    return ones * np.asarray(values, dtype=float)[:, None, None, None]


def fan(middle: float, spread: float, cutoffs: int) -> np.ndarray:
    """The same normal fan at every month."""
    return np.ones((cutoffs, 1, HORIZON, 1)) * (middle + spread * NORMAL)


def sheet(champion, challenger, *, baseline=None, actual: float = 1_000.0) -> GateSheet:
    """Cutoffs two years apart, in which always the same happens."""
    count = len(champion)
    return GateSheet(
        periods=periods(count * HORIZON),
        actual=np.full((count, 1, HORIZON), actual),
        champion=champion,
        challenger=challenger,
        baseline=flat([actual + 400.0] * count) if baseline is None else baseline,
    )


def swapped(given: GateSheet) -> GateSheet:
    return replace(given, champion=given.challenger, challenger=given.champion)


class TestScores:
    def test_are_those_worked_out_by_hand(self):
        # A point forecast has its error as its score. Logarithms of 0.5, 0.6 and 0.7 have mean
        # -0.52022 and standard deviation 0.16844; Student's t is 2.91999 with two degrees.
        verdict = rule(sheet(flat([1_100] * 3), flat([1_050, 1_060, 1_070])))

        assert verdict.crps.champion == pytest.approx(0.25)
        assert verdict.crps.challenger == pytest.approx(0.15)
        assert verdict.crps.ratio == pytest.approx((0.5 * 0.6 * 0.7) ** (1 / 3), abs=1e-6)
        assert verdict.crps.low == pytest.approx(0.44748, abs=1e-4)
        assert verdict.crps.high == pytest.approx(0.78959, abs=1e-4)
        assert (verdict.outcomes, verdict.periods, verdict.independent) == (72, 72, 3.0)

    def test_let_every_month_count_once_however_often_it_was_forecast(self):
        rng = np.random.default_rng(3)
        when = periods(84, every=6)
        actual = rng.uniform(500, 1_500, size=when.shape)
        said = [rng.uniform(500, 1_500, size=(*when.shape, 1)) + 90 * NORMAL for _ in range(3)]
        actual[:, :, 5] = np.nan
        verdict = rule(
            GateSheet(
                periods=when,
                actual=actual,
                champion=said[0],
                challenger=said[1],
                baseline=said[2],
            )
        )

        by_month, seen = [], np.unique(when[np.isfinite(actual)])
        for month in seen:
            places = [
                place
                for place in zip(*np.nonzero(when == month), strict=True)
                if np.isfinite(actual[place])
            ]
            by_month.append(
                [np.mean([crps(actual, one)[place] for place in places]) for one in said]
            )
        table = np.array(by_month)
        # The sixth month is not known: stretches are as long in time, not in figures.
        after = (seen - seen[0]).astype(int)
        spans = np.array_split(np.arange(after[-1] + 1), (after[-1] + 1) // HORIZON)
        parts = [table[np.isin(after, span)] for span in spans]
        logs = [np.log(part[:, 1].mean() / part[:, 0].mean()) for part in parts]
        assert verdict.crps.ratio == pytest.approx(np.exp(np.mean(logs)), rel=1e-5)
        assert verdict.crps.challenger == pytest.approx(
            table[:, 1].mean() / table[:, 2].mean(), rel=1e-5
        )

    def test_survive_json_to_the_last_digit(self):
        verdict = rule(sheet(flat([1_100] * 3), flat([1_050, 1_060, 1_070])))

        assert GateVerdict.from_json(json.loads(json.dumps(asdict(verdict)))) == verdict
        none = rule(replace(sheet(flat([1]), flat([1])), actual=np.full((1, 1, HORIZON), np.nan)))
        assert GateVerdict.from_json(json.loads(json.dumps(asdict(none)))) == none


class TestRuling:
    def test_is_better_when_whole_tail_and_coverage_are(self):
        verdict = rule(sheet(fan(1_200, 50, 3), fan(1_000, 50, 3)))

        assert verdict.ruling is Ruling.BETTER

    def test_is_not_better_when_only_the_upper_tail_is_worse(self):
        champion = fan(1_000, 100, 3)
        challenger = champion.copy()
        challenger[..., ~UPPER] = 1_000
        challenger[..., UPPER] += 150
        verdict = rule(sheet(champion, challenger))

        assert verdict.crps.better
        assert verdict.coverage.better
        assert not verdict.upper_tail.better
        assert verdict.ruling is Ruling.NOT_BETTER

    def test_is_not_better_when_only_coverage_is_worse(self):
        # Eight of ten months lie on the middle, two far out: the narrow fan misses those.
        actual = np.full((3, 1, HORIZON), 1_000.0)
        actual[..., ::5] = 1_150
        champion, challenger = fan(1_000, 100, 3), fan(1_000, 60, 3)
        given = replace(sheet(champion, challenger), actual=actual)
        verdict = rule(given)

        assert verdict.crps.better
        assert verdict.coverage.challenger_miss > verdict.coverage.champion_miss
        assert verdict.ruling is Ruling.NOT_BETTER

    def test_is_not_better_when_calm_years_outvote_the_surge_it_missed(self):
        champion = flat([1_010, 1_010, 1_010, 1_010, 1_400])
        challenger = flat([1_001, 1_001, 1_001, 1_001, 1_500])
        verdict = rule(sheet(champion, challenger))

        assert verdict.crps.ratio < 1
        assert verdict.crps.challenger > verdict.crps.champion
        assert verdict.ruling is Ruling.NOT_BETTER

    def test_is_not_better_when_both_say_the_same(self):
        verdict = rule(sheet(fan(1_100, 50, 4), fan(1_100, 50, 4)))

        assert verdict.crps.ratio == verdict.upper_tail.ratio == 1.0
        assert verdict.ruling is Ruling.NOT_BETTER

    def test_is_too_few_until_enough_independent_outcomes_are_there(self):
        enough = sheet(fan(1_200, 50, FEWEST), fan(1_000, 50, FEWEST))
        one_less = enough.actual.copy()
        one_less[-1, 0, -1] = np.nan

        assert rule(enough).ruling is Ruling.BETTER
        assert rule(replace(enough, actual=one_less)).ruling is Ruling.TOO_FEW

    def test_without_any_outcome_is_too_few(self):
        verdict = rule(
            GateSheet(
                periods=periods(0),
                actual=np.empty((0, 1, HORIZON)),
                champion=flat([]),
                challenger=flat([]),
                baseline=flat([]),
            )
        )

        assert verdict == GateVerdict(ruling=Ruling.TOO_FEW, outcomes=0, periods=0, independent=0.0)

    def test_is_refused_to_a_challenger_that_is_silent_where_it_is_hard(self):
        silent = flat([1_000.0, np.nan, 1_000.0])

        with pytest.raises(InvalidInput, match="challenger is silent"):
            sheet(flat([1_100] * 3), silent)


class TestIndependentOutcomes:
    """How many outcomes are worth counting, when not every month has one."""

    @pytest.mark.parametrize(
        ("known", "independent"),
        [
            (range(72), 72 / 24),
            (range(11, 96, 12), (1 + 7 * 12) / 24),
            ([0, 24, 48], 49 / 24),
            # A gap counts as the horizon at most: two months far apart are hardly more than one.
            ([0, 95], 25 / 24),
            ([*range(12), *range(84, 96)], (1 + 11 + 24 + 11) / 24),
        ],
        ids=["every month", "year ends", "one per horizon", "far apart", "two clusters"],
    )
    def test_are_the_months_that_they_cover_over_the_horizon(self, known, independent):
        given = sheet(fan(1_200, 50, 4), fan(1_000, 50, 4))
        month = (given.periods - JANUARY).astype(int)
        verdict = rule(replace(given, actual=np.where(np.isin(month, known), 1_000.0, np.nan)))

        assert verdict.periods == len(known)
        assert verdict.independent == pytest.approx(independent, abs=1e-4)
        assert (verdict.ruling is Ruling.TOO_FEW) == (independent < FEWEST)

    @settings(max_examples=60)
    @given(known=st.sets(st.integers(0, 239), min_size=1))
    def test_leave_no_stretch_without_any(self, known):
        given = sheet(fan(1_200, 50, 10), fan(1_000, 50, 10))
        month = (given.periods - JANUARY).astype(int)
        actual = np.where(np.isin(month, list(known)), 1_000.0, np.nan)

        assert np.isfinite(rule(replace(given, actual=actual)).crps.ratio)


BETTER = rule(sheet(fan(1_200, 50, FEWEST), fan(1_000, 50, FEWEST)))
WORSE = rule(sheet(fan(1_000, 50, FEWEST), fan(1_200, 50, FEWEST)))
EQUAL = rule(sheet(fan(1_000, 50, FEWEST), fan(1_000, 50, FEWEST)))
TOO_FEW = rule(sheet(fan(1_200, 50, 1), fan(1_000, 50, 1)))
WORSE_OF_FEW = rule(sheet(fan(1_000, 50, 1), fan(1_200, 50, 1)))
NOTHING = GateVerdict(ruling=Ruling.TOO_FEW, outcomes=0, periods=0, independent=0.0)


class TestRulingOf:
    """Inflow and need together: better in what was changed, not worse in what follows."""

    @pytest.mark.parametrize(
        ("changed", "others", "ruling"),
        [
            ([BETTER], [EQUAL], Ruling.BETTER),
            ([BETTER], [BETTER], Ruling.BETTER),
            ([BETTER], [NOTHING], Ruling.BETTER),
            ([BETTER], [TOO_FEW], Ruling.BETTER),
            ([BETTER], [WORSE], Ruling.NOT_BETTER),
            ([BETTER], [WORSE_OF_FEW], Ruling.NOT_BETTER),
            ([EQUAL], [BETTER], Ruling.NOT_BETTER),
            ([TOO_FEW], [BETTER], Ruling.TOO_FEW),
            ([BETTER, BETTER], [], Ruling.BETTER),
            ([BETTER, EQUAL], [], Ruling.NOT_BETTER),
            ([BETTER, TOO_FEW], [], Ruling.TOO_FEW),
            ([TOO_FEW, WORSE], [], Ruling.NOT_BETTER),
        ],
    )
    def test_is(self, changed, others, ruling):
        assert ruling_of(changed, others=others) is ruling

    def test_is_no_easier_than_that_of_what_was_changed(self):
        for verdict in (EQUAL, WORSE, TOO_FEW, NOTHING):
            for other in (BETTER, EQUAL, WORSE, TOO_FEW, NOTHING):
                assert ruling_of([verdict], others=[other]) is not Ruling.BETTER


levels = st.floats(500, 1_500)
forecasts = st.lists(st.tuples(levels, st.floats(1, 300)), min_size=4, max_size=4)


class TestLaws:
    @settings(max_examples=60)
    @given(one=forecasts, other=forecasts)
    def test_who_is_the_champion_only_turns_the_ratio_around(self, one, other):
        said = [
            np.concatenate([fan(middle, spread, 1) for middle, spread in f]) for f in (one, other)
        ]
        there, back = rule(sheet(*said)), rule(sheet(*said[::-1]))

        assert there.crps.ratio == pytest.approx(1 / back.crps.ratio, rel=1e-4)
        assert there.upper_tail.champion == back.upper_tail.challenger
        assert there.coverage.champion == back.coverage.challenger
        assert Ruling.BETTER not in {there.ruling, back.ruling} or there.ruling != back.ruling

    @settings(max_examples=30)
    @given(one=forecasts, other=forecasts, unit=st.sampled_from([0.25, 4.0, 64.0]))
    def test_the_unit_of_the_figures_makes_no_difference(self, one, other, unit):
        said = [
            np.concatenate([fan(middle, spread, 1) for middle, spread in f]) for f in (one, other)
        ]
        given = sheet(*said)
        scaled = GateSheet(
            periods=given.periods,
            actual=given.actual * unit,
            champion=given.champion * unit,
            challenger=given.challenger * unit,
            baseline=given.baseline * unit,
        )

        assert rule(scaled).ruling is rule(given).ruling
        assert rule(scaled).crps.ratio == pytest.approx(rule(given).crps.ratio, rel=1e-5)

    def test_a_winner_that_changes_places_loses(self):
        given = sheet(fan(1_200, 50, 3), fan(1_000, 50, 3))

        assert rule(given).ruling is Ruling.BETTER
        assert rule(swapped(given)).ruling is Ruling.NOT_BETTER


def made_up(
    rng, *, months: int, noise: tuple[float, float], width: float = 1.0, every: int = 1
) -> GateSheet:
    """A log random walk, forecast at half-years by two who know its law but misread where it is.

    Their misreadings last: seven tenths of one is still there half a year later. What happened is
    known every so many months.
    """
    step = 0.1
    walk = 8 + np.cumsum(rng.normal(0, step, months))
    cutoffs = np.arange(0, months - 1, 6)
    ahead = np.arange(1, HORIZON + 1)
    at = cutoffs[:, None] + ahead
    said = []
    for misread, wide in zip(noise, (1.0, width), strict=True):
        errors = [rng.normal()]
        for _ in cutoffs[1:]:
            errors.append(0.7 * errors[-1] + 0.51**0.5 * rng.normal())
        middle = walk[cutoffs] + misread * np.array(errors)
        spread = wide * np.sqrt(step**2 * ahead + misread**2)
        said.append(np.exp(middle[:, None, None] + spread[:, None] * NORMAL)[:, None])
    base = np.exp(walk[cutoffs][:, None, None] + (step * np.sqrt(ahead))[:, None] * NORMAL)
    known = (at < months) & ((at + 1) % every == 0)
    return GateSheet(
        periods=(JANUARY + at)[:, None],
        actual=np.where(known, np.exp(walk[np.minimum(at, months - 1)]), np.nan)[:, None],
        champion=said[0],
        challenger=said[1],
        baseline=base[:, None],
    )


def replaced(count: int, **how) -> float:
    """Share of made-up histories in which the challenger wins."""
    rng = np.random.default_rng(11)
    return np.mean([rule(made_up(rng, **how)).ruling is Ruling.BETTER for _ in range(count)])


class TestChance:
    @pytest.mark.parametrize("months", [78, 126])
    def test_seldom_replaces_a_champion_by_one_that_is_as_good(self, months):
        assert replaced(150, months=months, noise=(0.3, 0.3)) <= 0.06

    @pytest.mark.parametrize("months", [90, 138])
    def test_is_as_careful_where_only_year_ends_are_known(self, months):
        assert replaced(150, months=months, noise=(0.3, 0.3), every=12) <= 0.06

    def test_lets_one_in_that_is_truly_better_when_there_are_enough_years(self):
        assert replaced(100, months=246, noise=(0.5, 0.1)) >= 0.4

    def test_keeps_out_one_that_is_better_in_the_middle_and_far_too_narrow(self):
        assert replaced(100, months=126, noise=(0.5, 0.1), width=0.4) <= 0.03

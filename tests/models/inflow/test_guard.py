# SPDX-License-Identifier: EUPL-1.2
"""The guard: a thousand sabotaged members change nothing, and each is named with its reason."""

import numpy as np
import pytest

from models.calibration import SpreadCorrection
from models.inflow.base import from_log
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.ensemble import Combination, Ensemble
from models.inflow.guard import Guarded, Limits, Reason, ask
from models.inflow.past import forecast_members
from models.inflow.paths import SCORES, Dependence
from models.inflow.smoothing import DampedSmoothing, Theta
from models.types import LEVELS
from training.series_file import read_series

HORIZON = 24
HONEST = (LogRandomWalk, SeasonalNaive, DampedSmoothing, Theta)
CUTOFF = np.datetime64("2015-09")


@pytest.fixture(scope="module")
def panel(shared):
    """Large and small, calm and wild: in September 2015 everything moved."""
    whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
    return whole.until(CUTOFF).select(("NL", "DE", "MT"))


class Saboteur:
    """Says what an honest member would say, spoilt in one way."""

    def __init__(self, number, rng):
        self.name = f"saboteur {number}"
        self.kind = tuple(KINDS)[number % len(KINDS)]
        self._rng = rng
        self._walk = LogRandomWalk()

    def fit(self, panel):
        if self.kind == "raises in fit":
            raise ValueError("sabotage")
        self._walk.fit(panel)
        return self

    def log_quantiles(self, horizon):
        honest = self._walk.log_quantiles(horizon)
        return KINDS[self.kind][0](honest.copy(), self._rng)


def spoilt(value):
    """Some quantiles of every series replaced."""

    def spoil(quantiles, rng):
        step, level = rng.integers(HORIZON), rng.integers(len(LEVELS))
        quantiles[:, step, level] = value
        return quantiles

    return spoil


def crossed(quantiles, rng):
    step, level = rng.integers(HORIZON), rng.integers(len(LEVELS) - 1)
    pair = quantiles[:, step, level : level + 2].copy()
    quantiles[:, step, level], quantiles[:, step, level + 1] = pair[:, 1], pair[:, 0]
    return quantiles


def raising(quantiles, rng):
    raise FloatingPointError("sabotage")


# What each does to honest quantiles, and what the guard must call it.
KINDS = {
    "raises in fit": (None, Reason.RAISED),
    "raises in forecasting": (raising, Reason.RAISED),
    "NaN": (spoilt(np.nan), Reason.NOT_FINITE),
    "nothing but NaN": (lambda honest, _: np.full_like(honest, np.nan), Reason.SILENT),
    "infinite": (spoilt(np.inf), Reason.NOT_FINITE),
    "minus infinite": (spoilt(-np.inf), Reason.NOT_FINITE),
    "negative": (lambda honest, rng: 0 * honest - rng.uniform(5, 1e3), Reason.ABSURD),
    "10^9 persons": (lambda honest, _: np.full_like(honest, np.log(1e9)), Reason.ABSURD),
    "10^9 on the log scale": (lambda honest, _: honest + 1e9, Reason.ABSURD),
    "10^9 above alone": (lambda honest, _: _highest(honest), Reason.ABSURD),
    "persons for logs": (lambda honest, _: np.exp(honest[:, :, 11:12]) + SCORES, Reason.ABSURD),
    "crossed": (crossed, Reason.CROSSED),
    "backwards": (lambda honest, _: honest[:, :, ::-1], Reason.CROSSED),
    "a step too few": (lambda honest, _: honest[:, 1:], Reason.SHAPE),
    "a series too many": (lambda honest, _: np.concatenate([honest, honest]), Reason.SHAPE),
    "no levels": (lambda honest, _: honest[:, :, 11], Reason.SHAPE),
    "words": (lambda *_: [["many"]], Reason.RAISED),
}


def _highest(honest):
    honest[:, :, -1] = np.log(1e9)
    return honest


def saboteurs(count):
    return [
        (lambda number=number: Saboteur(number, np.random.default_rng(number)))
        for number in range(count)
    ]


def combined(members, log_quantiles):
    """All members with the same weight."""
    names = tuple(members)
    return Combination(
        members=names,
        edges=(HORIZON,),
        weights=np.full((1, len(names)), 1 / len(names)),
        corrections=(SpreadCorrection(),),
        dependence=Dependence(),
        shock=0.1,
    ).combine(log_quantiles)


@pytest.mark.filterwarnings("error")
class TestAThousandSabotagedMembers:
    @pytest.fixture(scope="class")
    @staticmethod
    def mixed(panel):
        members = [*saboteurs(1000), *HONEST]
        return forecast_members(panel, CUTOFF, members=members, horizon=HORIZON)

    def test_are_all_caught_and_named_with_the_reason(self, mixed):
        found = {(flag.member, flag.series_id): flag.reason for flag in mixed.flags}

        kinds = list(KINDS.values())
        assert found == {
            (f"saboteur {number}", series_id): kinds[number % len(kinds)][1]
            for number in range(1000)
            for series_id in mixed.series_ids
        }

    def test_change_nothing_of_what_the_honest_say_together(self, panel, mixed):
        alone = forecast_members(panel, CUTOFF, members=HONEST, horizon=HORIZON)

        together = combined(mixed.log_quantiles, mixed.log_quantiles)

        np.testing.assert_allclose(
            together, combined(alone.log_quantiles, alone.log_quantiles), rtol=1e-9
        )
        assert np.all(np.diff(from_log(together), axis=-1) >= 0)
        assert np.isfinite(together).all()

    @pytest.mark.parametrize(
        "kind", [kind for kind, (_, reason) in KINDS.items() if reason in {"absurd", "crossed"}]
    )
    def test_would_spoil_it_without_the_guard(self, panel, kind):
        # The known-bad control: the same members, asked without a guard.
        number = list(KINDS).index(kind)
        unguarded = {
            member.name: member.fit(panel).log_quantiles(HORIZON)
            for member in (Saboteur(number, np.random.default_rng(number)), LogRandomWalk())
        }
        honest = LogRandomWalk().fit(panel).log_quantiles(HORIZON)

        spoilt = combined(unguarded, unguarded)

        alone = combined({"random_walk": honest}, {"random_walk": honest})
        assert not np.allclose(spoilt, alone, rtol=1e-9)


class TestLeavingOut:
    def test_leaves_a_member_out_of_the_series_it_spoils_alone(self, panel):
        class WrongOnMalta(LogRandomWalk):
            name = "wrong_on_malta"

            def log_quantiles(self, horizon):
                quantiles = super().log_quantiles(horizon)
                quantiles[2, 0, 0] = np.nan
                return quantiles

        answers = ask([Guarded(WrongOnMalta()).fit(panel)], panel, HORIZON)

        assert [(flag.series_id, flag.reason) for flag in answers.flags] == [
            ("MT", Reason.NOT_FINITE)
        ]
        assert np.isfinite(answers.log_quantiles["wrong_on_malta"][:2]).all()

    def test_lets_a_member_be_silent_on_some_series(self, panel):
        class OnlyFirst(LogRandomWalk):
            def log_quantiles(self, horizon):
                quantiles = super().log_quantiles(horizon)
                quantiles[1:] = np.nan
                return quantiles

        members = [Guarded(OnlyFirst()).fit(panel), Guarded(Theta()).fit(panel)]

        assert ask(members, panel, HORIZON).flags == ()

    def test_lets_the_random_walk_stand_in_where_nobody_is_left(self, panel):
        answers = ask([Guarded(make()).fit(panel) for make in saboteurs(34)], panel, HORIZON)

        assert answers.stood_in == panel.series_ids
        made = combined(answers.log_quantiles, answers.log_quantiles)
        median = from_log(made[:, :, len(LEVELS) // 2])
        np.testing.assert_allclose(median, np.tile(panel.persons[:, -1:], HORIZON))

    def test_counts_members_without_weight_where_the_others_are_left_out(self, panel):
        learned = Combination(
            members=("random_walk", "saboteur 2"),
            edges=(HORIZON,),
            weights=np.array([[0.0, 1.0]]),
            corrections=(SpreadCorrection(),),
            dependence=Dependence(),
            shock=0.0,
        )
        broken = saboteurs(3)[2:]

        made = Ensemble((LogRandomWalk, *broken), combination=learned).fit(panel)

        honest = LogRandomWalk().fit(panel).log_quantiles(HORIZON)
        np.testing.assert_allclose(made.log_quantiles(HORIZON), honest)
        assert learned.share_of({"saboteur 2"}) == 1


class TestLimits:
    @pytest.mark.parametrize(
        ("file", "two_years"),
        [
            ("eurostat_asylum_applicants_monthly.csv", 24),
            ("eurostat_first_time_applicants_quarterly.csv", 8),
        ],
    )
    def test_never_hit_an_honest_member_on_public_figures(self, shared, file, two_years):
        whole = read_series(shared / "data" / file)
        for cutoff in np.arange(np.datetime64("2010-12"), np.datetime64("2017-12"), 6):
            made = forecast_members(whole, cutoff, members=HONEST, horizon=two_years)

            assert made.flags == ()
            assert made.stood_in == ()

    def test_lie_a_factor_of_twenty_beyond_the_highest_and_lowest_figure(self, panel):
        limits = Limits.of(panel, HORIZON)
        fan = np.log(panel.persons[0].max() + 5) + 0.3 * np.tile(SCORES, (HORIZON, 1))

        assert limits.reason(0, fan + np.log(19)) is None
        assert limits.reason(0, fan + np.log(21)) is Reason.ABSURD

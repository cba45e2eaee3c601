# SPDX-License-Identifier: EUPL-1.2
"""The duel: both learn anew at every cutoff, and nothing that either has seen decides anything."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from models.catalogue import Status
from models.gate import Ruling
from models.inflow.base import from_log
from models.inflow.baselines import LogRandomWalk, SeasonalNaive
from models.inflow.smoothing import Theta
from models.periods import Frequency, last_day, month_range
from models.types import LEVELS
from tests.figures import NOW, definition, observation
from training.dataset import TARGETS, inflow_panel
from training.gate import HORIZON, Contender, Fold, GateForecasts, duel, gate_folds
from training.occupancy import need_points
from training.recipe import Recipe
from training.series_file import read_series
from training.store.records import Observation, Snapshot

(TARGET,) = TARGETS
COUNTED = "nl.occupancy.entitled"


def recipe(name: str, **changes) -> Recipe:
    made = Recipe(
        method=1,
        targets=TARGETS,
        members=(name,),
        constants={},
        pool_sha256=None,
        pool_until=None,
        need_method=None,
        need_constants={},
        chain_sha256="",
        tuned_until="2010-12",
    )
    return replace(made, **changes)


def silent() -> np.ndarray:
    """Nothing is said of the need, shape (1, HORIZON, levels)."""
    return np.full((1, HORIZON, len(LEVELS)), np.nan)


def by_member(fold, *, member):
    said = from_log(member().fit(fold.panel.select(TARGETS)).log_quantiles(HORIZON))
    return np.concatenate([said, silent()])


def contender(member) -> Contender:
    return Contender(recipe=recipe(member.name), forecast=partial(by_member, member=member))


def remembered(fold, *, whole, until):
    """A member that learned the figures by heart up to a month, and knows nothing after it.

    Where it has seen the outcome it says it; beyond that it guesses half of the last figure.
    """
    known = fold.panel.select(TARGETS)
    (origin,) = known.origins
    last = known.persons[0, np.isfinite(known.persons[0])][-1]
    rows = []
    for month in origin + np.arange(1, HORIZON + 1):
        place = int((month - whole.periods[0]).astype(int))
        seen = month <= until and place < len(whole.periods)
        middle = whole.persons[0, place] if seen else last / 2
        # What happened lies anywhere in its fan, so that its intervals keep their promise too.
        spot = np.random.default_rng(place).uniform()
        rows.append(middle * (1 + 0.01 * (LEVELS - spot)))
    return np.concatenate([[rows], silent()])


@pytest.fixture(scope="module")
def netherlands(shared):
    """The Dutch series of Eurostat under the name of the target: 2008-01 to 2019-04."""
    known = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv").select(["NL"])
    return replace(known, series_ids=TARGETS)


def holding(name: str, points: Sequence[Observation] = ()) -> Snapshot:
    """What was known beside the inflow: counts of everybody, under a hash of its own."""
    mark = observation(1, known="2008-01-01", series_id=name)
    return Snapshot(
        known_at=NOW,
        definitions=(definition(COUNTED, frequency=Frequency.DATED),),
        observations=(mark, *points),
    )


def folds_of(panel, *, first: str, every: int = 6) -> list[Fold]:
    months = np.arange(np.datetime64(first, "M"), panel.periods[-1], np.timedelta64(every, "M"))
    return [
        Fold(cutoff=month, snapshot=holding(f"{month}"), panel=panel.until(month))
        for month in months
    ]


def fought(panel, champion, challenger, *, first="2010-12", seen_until="2010-12", stored=()):
    return duel(
        folds_of(panel, first=first),
        today=panel,
        champion=champion,
        challenger=challenger,
        seen_until=np.datetime64(seen_until, "M"),
        stored=stored,
        workers=1,
    )


class TestDuel:
    def test_replaces_the_seasonal_naive_by_theta_and_not_the_other_way(self, netherlands):
        naive, theta = contender(SeasonalNaive), contender(Theta)

        there = fought(netherlands, naive, theta).verdict
        back = fought(netherlands, theta, naive).verdict
        assert there.crps.ratio == pytest.approx(1 / back.crps.ratio, rel=1e-4)
        assert there.crps.challenger < there.crps.champion
        assert back.ruling is Ruling.NOT_BETTER

    def test_of_equal_recipes_is_a_tie_and_keeps_the_champion(self, netherlands):
        verdict = fought(netherlands, contender(Theta), contender(Theta)).verdict

        assert verdict.crps.ratio == 1.0
        assert verdict.ruling is Ruling.NOT_BETTER

    def test_measures_the_random_walk_against_itself_as_one(self, netherlands):
        verdict = fought(netherlands, contender(LogRandomWalk), contender(Theta)).verdict

        assert verdict.crps.champion == verdict.upper_tail.champion == 1.0

    def test_is_the_same_whatever_the_number_of_processes(self, netherlands):
        one = fought(netherlands, contender(LogRandomWalk), contender(Theta))
        two = duel(
            folds_of(netherlands, first="2010-12"),
            today=netherlands,
            champion=contender(LogRandomWalk),
            challenger=contender(Theta),
            seen_until=np.datetime64("2010-12", "M"),
            workers=2,
        )

        assert one.verdict == two.verdict
        assert one.challenger.persons.tobytes() == two.challenger.persons.tobytes()

    def test_without_any_cutoff_is_too_few(self, netherlands):
        found = duel(
            [],
            today=netherlands,
            champion=contender(LogRandomWalk),
            challenger=contender(Theta),
            seen_until=np.datetime64("2019-04", "M"),
        )

        assert found.verdict.ruling is Ruling.TOO_FEW
        assert found.champion is None

    def test_tells_how_far_it_has_come(self, netherlands):
        told = []
        duel(
            folds_of(netherlands, first="2018-06"),
            today=netherlands,
            champion=contender(LogRandomWalk),
            challenger=contender(Theta),
            seen_until=np.datetime64("2018-06", "M"),
            workers=1,
            progress=lambda done, total: told.append((done, total)),
        )

        assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


SEEN = "2015-12"


@pytest.fixture(scope="module")
def cheat(netherlands) -> Contender:
    until = np.datetime64(SEEN, "M")
    return Contender(
        recipe=recipe("cheat", tuned_until=SEEN),
        forecast=partial(remembered, whole=netherlands, until=until),
    )


@pytest.fixture(scope="module")
def honest() -> Contender:
    return contender(Theta)


class TestAMemberThatLearnedThePastByHeart:
    """It saw every figure up to December 2015: judged on those it is unbeatable."""

    def test_would_win_on_what_it_has_seen(self, netherlands, cheat, honest):
        # Cutoffs of which every outcome lies in what it saw: the known-bad control.
        seen = netherlands.until(np.datetime64(SEEN, "M"))
        verdict = fought(seen, honest, cheat, first="2009-06", seen_until="2009-06").verdict

        assert verdict.crps.challenger < 0.05
        assert verdict.ruling is Ruling.BETTER

    def test_loses_on_what_neither_has_seen(self, netherlands, cheat, honest):
        seen_until = max(cheat.recipe.seen_until, honest.recipe.seen_until)
        verdict = fought(netherlands, honest, cheat, first=SEEN, seen_until=str(seen_until)).verdict

        assert verdict.crps.challenger > verdict.crps.champion
        assert verdict.ruling is not Ruling.BETTER

    def test_gains_nothing_from_a_cutoff_whose_figures_are_late(self, netherlands, cheat, honest):
        # At the cutoff the last half-year is not published yet, so its first months were seen.
        late = [
            replace(fold, panel=netherlands.until(fold.cutoff - np.timedelta64(6, "M")))
            for fold in folds_of(netherlands, first=SEEN)
        ]
        found = duel(
            late,
            today=netherlands,
            champion=honest,
            challenger=cheat,
            seen_until=np.datetime64(SEEN, "M"),
            workers=1,
        )

        first = int((late[0].cutoff - netherlands.periods[0]).astype(int))
        assert found.verdict.periods == netherlands.persons.shape[1] - first - 1


class TestStoredForecasts:
    def test_stand_in_for_a_champion_that_can_no_longer_be_run(self, netherlands):
        def gone(fold):
            raise AssertionError("ran again")

        champion = contender(LogRandomWalk)
        first = fought(netherlands, champion, contender(Theta))
        kept = GateForecasts.from_json(first.champion.to_json())
        again = fought(
            netherlands, replace(champion, forecast=gone), contender(Theta), stored=[kept]
        )

        assert again.champion_stored
        assert not first.champion_stored
        assert again.verdict == first.verdict

    def test_of_another_recipe_or_of_other_figures_do_not(self, netherlands):
        champion = contender(LogRandomWalk)
        first = fought(netherlands, champion, contender(Theta))
        revised = dict.fromkeys(first.champion.snapshots, "revised")

        for useless in (first.challenger, replace(first.champion, snapshots=revised)):
            again = fought(netherlands, champion, contender(Theta), stored=[useless])
            assert not again.champion_stored
            assert again.verdict == first.verdict


def by_factor(fold, *, factor, of_inflow=1.0):
    """The stock of the end of each month, misread by a factor, and so is the inflow."""
    said = by_member(fold, member=LogRandomWalk) * of_inflow
    spread = 1 + 0.02 * NORMAL
    said[-1] = (factor * 10_000 * growth(fold.months))[:, None] * spread
    return said


def growth(months):
    """How a made-up stock grows: the oracle that both contenders misread."""
    return 1.01 ** (months - np.datetime64("2011-01", "M")).astype(int)


NORMAL = norm.ppf(LEVELS)


@pytest.fixture(scope="module")
def counts() -> list[Observation]:
    """The stock at the end of each quarter: made up, to test mechanics."""
    months = month_range(np.datetime64("2010-03", "M"), 38, Frequency.QUARTER)
    # What happened lies anywhere in the fan of who reads it well.
    spots = np.random.default_rng(1).uniform(0.05, 0.95, size=len(months))
    return [
        observation(
            round(10_000 * growth(month) * (1 + 0.02 * norm.ppf(spot))),
            known="2008-01-01",
            period=last_day(month).isoformat(),
            series_id=COUNTED,
        )
        for month, spot in zip(months, spots, strict=True)
    ]


def needy(name, *, method, **how) -> Contender:
    return Contender(
        recipe=replace(recipe(name), members=("one",), need_method=method),
        forecast=partial(by_factor, **how),
    )


class TestTheNeedOfADuel:
    def fought(self, netherlands, counts, champion, challenger, **how):
        folds = [
            replace(
                fold,
                snapshot=holding(
                    f"{fold.cutoff}", [row for row in counts if row.period <= last_day(fold.cutoff)]
                ),
            )
            for fold in folds_of(netherlands, first="2010-12")
        ]
        today = holding("today", counts)
        return duel(
            folds,
            today=netherlands,
            champion=champion,
            challenger=challenger,
            seen_until=np.datetime64("2010-12", "M"),
            need_today=need_points(today),
            workers=1,
            **how,
        )

    def test_is_won_by_who_reads_it_better_and_by_nobody_else(self, netherlands, counts):
        well, ill = (
            needy("a", method="chain", factor=1.0),
            needy("a", method="direct", factor=1.3),
        )
        won = self.fought(netherlands, counts, ill, well)
        lost = self.fought(netherlands, counts, well, ill)

        assert won.judged == lost.judged == ("need",)
        assert won.need.crps.ratio == pytest.approx(1 / lost.need.crps.ratio, rel=1e-4)
        assert won.verdict.crps.ratio == 1.0
        assert (won.ruling, lost.ruling) == (Ruling.BETTER, Ruling.NOT_BETTER)

    def test_counts_exact_month_ends_after_all_that_was_seen(self, netherlands, counts):
        both = needy("a", method="chain", factor=1.0)
        rough = [replace(row, status=Status.ROUNDED, value=round(row.value, -4)) for row in counts]

        assert self.fought(netherlands, counts, both, both).need.periods == 34
        assert self.fought(netherlands, rough, both, both).need.outcomes == 0

    def test_that_does_not_suffer_lets_a_better_inflow_in_and_holds_it_else(
        self, netherlands, counts
    ):
        champion = Contender(
            recipe=recipe("a"), forecast=partial(by_factor, factor=1.1, of_inflow=3.0)
        )
        rulings = {}
        for factor in (1.1, 1.2):
            challenger = Contender(recipe=recipe("b"), forecast=partial(by_factor, factor=factor))
            found = self.fought(netherlands, counts, champion, challenger)
            assert found.judged == ("inflow",)
            assert found.verdict.ruling is Ruling.BETTER
            rulings[factor] = found.ruling

        assert rulings == {1.1: Ruling.BETTER, 1.2: Ruling.NOT_BETTER}

    def test_is_the_same_from_what_was_kept(self, netherlands, counts):
        champion, challenger = (
            needy("a", method="chain", factor=1.0),
            needy("a", method="direct", factor=1.3),
        )
        first = self.fought(netherlands, counts, champion, challenger)
        kept = GateForecasts.from_json(json.loads(json.dumps(first.champion.to_json())))
        again = self.fought(netherlands, counts, champion, challenger, stored=[kept])

        assert again.champion_stored
        assert again.need == first.need


@pytest.fixture(scope="module")
def folds(as_known_at) -> list[Fold]:
    """The gate's own cutoffs on the reference figures."""
    return gate_folds(
        as_known_at,
        today=inflow_panel(as_known_at()),
        targets=TARGETS,
        seen_until=np.datetime64("2022-12", "M"),
    )


class TestFolds:
    def test_are_half_years_from_the_last_month_seen_on(self, folds):
        cutoffs = [str(fold.cutoff) for fold in folds]

        assert cutoffs[0] == "2022-12"
        assert {cutoff[5:] for cutoff in cutoffs} == {"06", "12"}

    def test_hold_what_was_known_then_and_not_what_is_known_now(self, folds, as_known_at):
        now = inflow_panel(as_known_at()).select(TARGETS)
        revised = 0
        for fold in folds:
            then = fold.panel.select(TARGETS)
            assert then.origins[0] <= fold.cutoff
            shared = now.until(then.periods[-1])
            revised += int(np.nansum(shared.persons[:, -24:] != then.persons[:, -24:]))

        assert revised > 0

# SPDX-License-Identifier: EUPL-1.2
"""Past decisions: what counts as known, which plan was in force, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.errors import InvalidInput
from models.occupancy import DatedPoint
from training import replay as replaying
from training.prices import prices_of
from training.replay import need_at_month_ends, official_places, replay
from training.replay_cases import CASES, Case
from training.sources.reference import capacity_need_decisions, load_reference
from training.store import Store, open_store
from training.store.migrate import migrate
from training.store.records import Observation

CUT = datetime(2023, 12, 31, 23, 59, tzinfo=UTC)


@contextmanager
def opened(folder, observations: tuple[Observation, ...]) -> Iterator[Store]:
    url = f"sqlite:///{folder / 'getij.sqlite'}"
    migrate(url)
    with open_store(url, folder, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC)) as store:
        store.take_in(
            "reference",
            sha256="",
            definitions=load_reference().definitions,
            observations=observations,
        )
        yield store


class TestNeed:
    POINTS = (
        DatedPoint(day=date(2020, 1, 31), persons=100.0, log_sd=0.01),
        DatedPoint(day=date(2020, 3, 31), persons=400.0, log_sd=0.01),
    )

    def test_lies_on_a_straight_line_of_logs_between_two_points(self):
        months = np.array(["2020-01", "2020-02", "2020-03"], dtype="datetime64[M]")
        january, february, march = need_at_month_ends(self.POINTS, months)

        assert (january, march) == pytest.approx((100, 400))
        assert february == pytest.approx(100 * 4 ** (29 / 60))

    def test_is_not_known_beyond_the_last_point(self):
        with pytest.raises(InvalidInput, match="not known"):
            need_at_month_ends(self.POINTS, np.array(["2020-04"], dtype="datetime64[M]"))


class TestOfficialPlan:
    def test_is_the_last_edition_known_for_the_nearest_day(self):
        plans = capacity_need_decisions()

        def in_force(decided, target):
            return official_places(plans, decided_at=decided, target=target)

        assert in_force(date(2018, 3, 30), date(2018, 12, 31)) is None
        assert in_force(date(2018, 3, 31), date(2018, 12, 31)) == 27_000
        assert in_force(date(2022, 6, 30), date(2023, 6, 30)) == 51_000
        assert in_force(date(2023, 12, 31), date(2024, 12, 31)) == 96_000


class TestPrices:
    def test_are_those_of_the_year_or_the_nearest_published_before(self):
        premiums = [prices_of(year).missing_premium for year in (2010, 2022, 2023, 2030)]

        assert premiums == [26_300, 26_300, 39_000, 39_000]


class TestWhatWasKnown:
    def test_uses_no_pool_that_was_learned_from_figures_not_published_yet(self, tmp_path):
        with opened(tmp_path, load_reference().observations) as store:
            for day in (date(2013, 12, 31), date(2016, 6, 30), date(2024, 6, 30)):
                known = replaying._known(store, day, pools=replaying.pools_of_the_past(), seed=1)

                latest = max(pool.manifest.last_month for pool in known.pools)
                assert latest + 3 <= np.datetime64(f"{day:%Y-%m}")


class TestCases:
    def test_speak_from_the_counts_alone_where_the_inflow_is_not_known_yet(self, whole):
        told = whole["cases"]["2011-12"]["forecast_persons"]

        assert told["low_80"] < 14_604 < told["high_80"]  # persons on the last day of 2012

    def test_tell_what_was_known_and_how_sure_one_could_be(self, whole):
        case = whole["cases"]["2018-03"]
        chances = [point["chance"] for point in case["chance_suffices"]]

        assert case["official_inflow"] == {
            "edition": "Begroting 2018",
            "year": 2018,
            "low": None,
            "high": None,
            "middle": 37_000,
        }
        assert [month["period"] for month in case["months"]] == [
            f"2018-{month:02d}" for month in range(4, 13)
        ]
        assert chances == sorted(chances)
        assert chances[0] < 0.05
        assert chances[-1] > 0.95
        assert (case["advised_from_held_places"] - case["held_places"]) % 384 == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The replay of one decision on the figures as they are."""
    with opened(tmp_path_factory.mktemp("replay"), load_reference().observations) as store:
        cases = {
            "2018-03": CASES["2018-03"],
            "2011-12": Case(day=date(2011, 12, 31), target="2012-12"),
        }
        return replay(store, first="2023-12", cases=cases, seed=1, code_version="x", workers=1)


class TestReplay:
    def test_holds_the_policies_of_the_contract(self, whole):
        assert [policy["name"] for policy in whole["policies"]] == [
            *(
                "advice",
                "advice_direct_only",
                "advice_all_open",
                "house_rule",
                "house_rule_with_reserves",
                "official_plan",
                "keep_open",
                "perfect_foresight",
            )
        ]
        assert all(
            set(policy)
            == {
                *("name", "cost_eur", "cost_above_foresight_eur", "empty_place_months"),
                *("reserve_place_months", "missing_place_months", "openings", "closures"),
                "reopenings_within_12_months",
            }
            for policy in whole["policies"]
        )
        assert min(policy["cost_above_foresight_eur"] for policy in whole["policies"]) == 0

    def test_says_how_far_every_sum_could_have_come_out_otherwise(self, whole):
        for policy in whole["policies"]:
            spread = whole["intervals_80"][policy["name"]]
            assert {*policy} - {"name"} <= {*spread}
            assert all(low <= high for low, high in spread.values())

    def test_decides_the_same_whatever_came_later(self, whole, tmp_path):
        """Every figure of inflow known after the decision is multiplied by three."""
        poisoned = tuple(
            replace(row, value=row.value * 3)
            if row.known_at > CUT and row.series_id.startswith("nl.inflow.")
            else row
            for row in load_reference().observations
        )
        with opened(tmp_path, poisoned) as store:
            again = replay(store, first="2023-12", cases={}, seed=1, code_version="x", workers=1)

        assert again["decisions"] == whole["decisions"]

    def test_sees_what_came_before(self, whole, tmp_path):
        """The control: the same poison before the decision changes it."""
        poisoned = tuple(
            replace(row, value=row.value * 3)
            if CUT.year - 1 <= row.known_at.year < CUT.year + 1
            and row.known_at <= CUT
            and row.series_id == "nl.inflow.total"
            else row
            for row in load_reference().observations
        )
        with opened(tmp_path, poisoned) as store:
            again = replay(store, first="2023-12", cases={}, seed=1, code_version="x", workers=1)

        assert again["decisions"] != whole["decisions"]

    @pytest.mark.parametrize("first", ["2023-11", "2025-06"])
    def test_refuses_a_month_that_ends_no_half_year_or_has_no_outcome(self, tmp_path, first):
        with (
            opened(tmp_path, load_reference().observations) as store,
            pytest.raises(InvalidInput, match=first),
        ):
            replay(store, first=first, cases={}, seed=1, code_version="x", workers=1)

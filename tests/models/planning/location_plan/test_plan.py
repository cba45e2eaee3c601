# SPDX-License-Identifier: EUPL-1.2
"""The plan is the cheapest one there is, keeps to every term, and says why."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Conflict, InvalidInput
from models.planning.costs import CostParameters
from models.planning.location_plan.plan import plan_capacity
from models.planning.portfolio.capacity_plan import (
    Action,
    PlanSettings,
    PlanStatus,
    ReasonCode,
    UseState,
)
from models.planning.register.locations import ContractForm, LocationStatus
from service.storage.register import default_register
from tests.models.planning.builders import (
    CERTAIN,
    INDIFFERENT,
    PERIODS,
    candidate,
    emergency,
    regular,
    wandering,
)
from tests.models.planning.enumeration import least_cost

SMALL = PlanSettings(
    half_years=2,
    futures=3,
    step_months=6,
    minimum_opening=0,
    relative_gap=0.0,
    branches=1,
    supply=CERTAIN,
    criteria=INDIFFERENT,
)


def constant(*persons, months=12):
    """Futures in which the need stays the same."""
    return np.repeat(np.array(persons, dtype=float)[:, np.newaxis], months, axis=1)


def plan(register, need, asked=SMALL, seed=1):
    periods = PERIODS[: need.shape[1]]
    return plan_capacity(register, need, periods=periods, settings=asked, seed=seed)


def actions(of, location_id):
    return [(line.action, line.from_period) for line in of.lines if line.location_id == location_id]


THREE = (
    regular("core", 100, agreement_end="2026-06", extension_months=6),
    emergency("hall", 60, notice_months=6),
    candidate("new", 80, lead_time_months=6),
)


class TestExhaustiveEnumeration:
    @settings(max_examples=12)
    @given(st.lists(st.lists(st.integers(0, 260), min_size=2, max_size=2), min_size=3, max_size=3))
    def test_finds_no_cheaper_plan_for_three_locations_two_half_years_three_futures(self, levels):
        need = np.repeat(np.array(levels, dtype=float), 6, axis=1)

        assert plan(THREE, need).objective_eur == pytest.approx(least_cost(THREE, need, SMALL))

    @pytest.mark.parametrize(
        ("used", "levels"),
        [
            (
                ["lent", "reserve", "open"],
                [[44, 40, 40, 20, 70, 70], [20, 5, 5, 5, 120, 90], [5, 44, 40, 44, 70, 70]],
            ),
            (
                ["lent", "lent", "lent"],
                [[20, 44, 20, 5, 40, 40], [40, 40, 5, 5, 90, 120], [20, 44, 20, 44, 5, 5]],
            ),
        ],
    )
    def test_finds_no_cheaper_plan_with_reserve_lending_and_recall(self, used, levels):
        costs = replace(SMALL.costs, lending_income=9_000.0)
        asked = replace(SMALL, half_years=3, step_months=3, lending_limit=0.4, costs=costs)
        register = (regular("one", 60), regular("two", 50, fixed_core=True))
        need = np.repeat(np.array(levels, dtype=float), 3, axis=1)
        made = plan(register, need, asked)

        assert list(made.states["one"]) == used
        assert made.objective_eur == pytest.approx(least_cost(register, need, asked))


class TestActions:
    def test_keeps_what_is_needed_and_opens_what_is_cheaper_than_the_emergency(self):
        made = plan(THREE, constant(150, 150, 150))

        assert actions(made, "core") == [(Action.KEEP, "2026-01"), (Action.EXTEND, "2026-07")]
        assert actions(made, "hall") == [(Action.KEEP, "2026-01"), (Action.CLOSE, "2026-07")]
        assert actions(made, "new") == [(Action.OPEN, "2026-07")]

    def test_leaves_a_candidate_alone_when_nobody_needs_it(self):
        made = plan(THREE, constant(50, 60, 70))

        assert actions(made, "new") == [(Action.LEAVE, "2026-01")]

    def test_never_opens_before_the_lead_time_has_passed(self):
        late = replace(THREE[2], lead_time_months=7)
        made = plan((*THREE[:2], late), constant(400, 400, 400))
        (line,) = [one for one in made.lines if one.location_id == "new"]

        assert (line.action, line.reason) == (Action.LEAVE, ReasonCode.BEYOND_HORIZON)
        assert line.facts["lead_time_months"] == 7

    def test_opens_nothing_smaller_than_a_location_should_be(self):
        made = plan(THREE, constant(400, 400, 400), replace(SMALL, minimum_opening=81))
        (line,) = [one for one in made.lines if one.location_id == "new"]

        assert (line.reason, line.facts["minimum_places"]) == (ReasonCode.TOO_SMALL, 81)

    def test_never_closes_the_fixed_core(self):
        core = replace(THREE[0], fixed_core=True)
        made = plan((core,), constant(0, 0, 0))

        assert made.states["core"] == (UseState.OPEN, UseState.OPEN)
        assert {line.reason for line in made.lines} == {ReasonCode.FIXED_CORE}

    def test_gives_notice_before_it_closes(self):
        at_once = plan((emergency("one", 100),), constant(0, 0, 0))
        later = plan((emergency("one", 100, notice_months=6),), constant(0, 0, 0))

        assert at_once.states["one"] == (UseState.ABSENT, UseState.ABSENT)
        assert later.states["one"] == (UseState.OPEN, UseState.ABSENT)
        assert later.lines[0].reason is ReasonCode.AGREEMENT_BINDS
        assert later.lines[0].facts["agreement_end"] == "2026-06"

    def test_binds_an_extension_for_its_whole_term(self):
        asked = replace(SMALL, half_years=4)
        need = np.repeat([[90.0, 90.0, 10.0, 10.0]], 6, axis=1)
        halls = (emergency("hall", 100, agreement_end="2026-06", extension_months=12),)
        uses = plan(halls, need, asked).states["hall"]

        assert uses[1] == uses[2]
        assert uses[3] is UseState.ABSENT

    def test_lends_what_nobody_will_need_and_only_where_it_can_be_recalled(self):
        asked = replace(SMALL, half_years=6)
        register = (
            regular("lent", 100),
            replace(regular("kept", 100), dual_use=ContractForm.NONE),
        )
        need = np.repeat([[60.0, 60.0, 60.0, 60.0, 60.0, 160.0]], 6, axis=1)
        made = plan(register, need, asked)
        lent = [name for name, uses in made.states.items() if UseState.LENT in uses]

        assert lent == ["lent"]
        assert made.totals[0].places_lent == 100
        assert made.lending[0].chance_short_before_back == 0.0
        assert made.lending[0].places_lent == 100

    def test_lends_nothing_above_the_limit_of_the_board(self):
        asked = replace(SMALL, half_years=6, futures=20)
        register = tuple(regular(name, 100, agreement_end="2028-12") for name in ("one", "two"))
        calm, wild = constant(*[60] * 18, months=36), constant(*[180] * 2, months=36)
        need = np.vstack([calm, wild])

        strict = plan(register, need, replace(asked, lending_limit=0.05))
        loose = plan(register, need, replace(asked, lending_limit=0.10))

        assert all(total.places_lent == 0 for total in strict.totals)
        assert any(total.places_lent > 0 for total in loose.totals)

    def test_keeps_lent_places_lent_until_their_notice_has_passed(self):
        made = plan((regular("one", 100, status=LocationStatus.LENT),), constant(90, 90, 90))

        assert made.states["one"] == (UseState.LENT, UseState.OPEN)

    def test_does_not_see_saw_for_a_dip_of_half_a_year(self):
        asked = replace(SMALL, half_years=3)
        need = np.repeat([[90.0, 70.0, 90.0]], 6, axis=1)

        assert set(plan((regular("one", 100),), need, asked).states["one"]) == {UseState.OPEN}


class TestDecideBy:
    def test_is_the_lead_time_before_an_opening_and_the_notice_before_an_end(self):
        asked = replace(SMALL, half_years=4)
        register = (
            candidate("new", 80, lead_time_months=9),
            emergency("hall", 60, agreement_end="2027-06", notice_months=3, extension_months=12),
        )
        made = plan(register, constant(140, 140, 140, months=24), asked)
        by = {(one.location_id, one.action): one for one in made.lines}

        assert by["new", Action.OPEN].from_period == "2027-01"
        assert by["new", Action.OPEN].decide_by == "2026-04"
        assert by["new", Action.OPEN].decide_now
        assert by["hall", Action.EXTEND].decide_by == "2027-04"
        assert not by["hall", Action.EXTEND].decide_now


class TestReasons:
    def test_weigh_what_the_places_are_worth_against_what_they_cost(self):
        made = plan(THREE, constant(150, 150, 150))
        keep = next(one for one in made.lines if one.location_id == "core")
        costs = SMALL.costs

        # 91 people in regular places instead of in the last resort, for half a year
        assert keep.facts["cost_eur"] == pytest.approx(100 * costs.regular_open / 2)
        worth = (costs.last_resort_person - costs.regular_housed) * 0.91 * 59 / 2
        assert keep.facts["value_eur"] > worth
        assert keep.reason is ReasonCode.WORTH_ITS_COST
        assert keep.facts["chance_needed"] == 1.0

    def test_say_that_an_agreement_binds_when_leaving_it_costs_more(self):
        costly = replace(CostParameters(), close_place=50_000.0)
        line = emergency("hall", 100, agreement_end="2026-12")
        made = plan((line,), constant(0, 0, 0), replace(SMALL, costs=costly))

        assert made.lines[0].reason is ReasonCode.AGREEMENT_BINDS
        assert made.lines[0].facts["leaving_eur"] == 5_000_000
        assert made.lines[0].facts["agreement_end"] == "2026-12"

    def test_say_which_demand_asks_for_places_at_a_loss(self):
        made = plan(THREE[:1], constant(0, 0, 0), replace(SMALL, minimum_places=100))
        by_demand = [line for line in made.lines if line.reason is ReasonCode.DEMANDED]

        assert {line.facts["demand"] for line in by_demand} == {"minimum_places"}
        assert all(total.places_regular + total.places_reserve == 100 for total in made.totals)

    def test_say_when_a_change_of_use_needs_a_new_agreement_as_well(self):
        need = np.repeat([[90.0, 0.0, 0.0, 0.0, 90.0]], 6, axis=1)
        line = regular("one", 100, agreement_end="2026-06", extension_months=24, notice_months=4)
        line = replace(line, dual_use=ContractForm.NONE)
        made = plan((line,), need, replace(SMALL, half_years=5))
        reserve = next(one for one in made.lines if one.action is Action.RESERVE)

        assert (reserve.from_period, reserve.new_agreement) == ("2026-07", True)
        assert reserve.decide_by == "2026-03"


class TestTotals:
    def test_add_up_to_the_cost_of_the_plan(self):
        made = plan(THREE, constant(150, 120, 90))

        assert sum(total.cost_eur for total in made.totals) == pytest.approx(made.cost_eur)

    def test_can_be_recounted_by_hand_where_nothing_moves(self):
        (half_year,) = plan(
            (regular("one", 100),), constant(80, 100, months=6), replace(SMALL, half_years=1)
        ).totals
        costs = SMALL.costs

        # 91 of 100 places can be slept in: 80 and 91 persons housed, 0 and 9 without a place
        assert half_year.missing_place_months == pytest.approx(6 * 4.5)
        assert half_year.empty_place_months == pytest.approx(6 * (100 - 85.5))
        assert half_year.chance_sufficient == 0.5
        persons = 85.5 * costs.regular_housed + 4.5 * costs.last_resort_person
        assert half_year.cost_eur == pytest.approx((persons + 100 * costs.regular_open) / 2)


class TestDemands:
    def test_names_the_demands_that_exclude_each_other_and_no_other(self):
        asked = replace(SMALL, minimum_places=170, maximum_openings=0, maximum_cost_eur=1_000_000.0)

        with pytest.raises(Conflict, match="maximum_cost_eur") as caught:
            plan(THREE, constant(150, 150, 150), asked)
        assert "maximum_openings" not in str(caught.value)

    def test_opens_no_more_than_asked(self):
        news = tuple(candidate(f"new-{at}", 50) for at in range(4))
        asked = replace(SMALL, maximum_openings=1)
        made = plan(news, constant(400, 400, 400), asked)

        assert [total.places_regular for total in made.totals] == [50, 100]


class TestBadInput:
    @pytest.mark.parametrize(
        ("register", "need"),
        [
            ((), constant(1)),
            ((THREE[0], THREE[0]), constant(1)),
            (THREE, constant(1, months=6)),
            (THREE, constant(-1)),
            (THREE, constant(float("nan"))),
        ],
    )
    def test_is_refused(self, register, need):
        with pytest.raises(InvalidInput):
            plan(register, need)

    @pytest.mark.parametrize(
        "changed",
        [
            {"occupancy_norm": 0.0},
            {"lending_limit": 0.0},
            {"lending_limit": 1.0},
            {"half_years": 0},
            {"step_months": 4},
            {"relative_gap": -0.1},
            {"minimum_places": -1},
        ],
    )
    def test_is_refused_in_the_settings(self, changed):
        with pytest.raises(InvalidInput):
            PlanSettings(**changed)


class TestDefaultRegister:
    def test_is_planned_within_the_gap(self):
        made = plan_capacity(
            default_register(),
            wandering(paths=300),
            periods=PERIODS,
            settings=PlanSettings(futures=10),
            seed=1,
        )

        assert made.status is PlanStatus.WITHIN_GAP
        assert made.gap <= 0.005
        assert abs(made.scenario_error.cost_error) < 0.02
        assert {line.location_id for line in made.lines} == set(made.states)
        json.dumps(asdict(made))

    def test_gets_a_plan_with_its_gap_even_when_there_is_no_time(self):
        hurried = PlanSettings(futures=10, time_limit_seconds=0.01)
        made = plan_capacity(
            default_register(), wandering(paths=50), periods=PERIODS, settings=hurried, seed=1
        )

        assert made.status is PlanStatus.LIMIT_REACHED
        assert 0 < made.gap <= 1
        assert len(made.states) == len(default_register())

    def test_is_planned_alike_byte_for_byte_in_two_processes(self):
        script = "from tests.models.planning.builders import digest; print(digest())"
        root = Path(__file__).parents[4]
        outputs = {
            subprocess.run(
                [sys.executable, "-c", script],
                cwd=root,
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }

        assert len(outputs) == 1
        assert len(outputs.pop().strip()) == 64

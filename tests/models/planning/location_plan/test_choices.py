# SPDX-License-Identifier: EUPL-1.2
"""What else may be chosen: other plans, the price of deciding otherwise, the worth of the plan."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import ConflictingDemands, InvalidInput
from models.planning.location_plan.alternatives import find_alternatives
from models.planning.location_plan.choices import plan_with_choices
from models.planning.location_plan.evaluation import evaluate_plan
from models.planning.location_plan.plan import plan_capacity, pose_question, solve_question
from models.planning.portfolio.bindings import Binding
from models.planning.portfolio.capacity_plan import Action, PlanSettings, PlanStatus, ReasonCode
from models.planning.portfolio.supply import SupplyRisk
from models.planning.portfolio.uses import UseState
from models.planning.programme.aims import Aim
from models.planning.programme.otherwise import Decision, Reconsideration
from models.planning.register.criteria import CriteriaWeights, Criterion
from tests.models.planning.builders import PERIODS, candidate, emergency, regular

NOTHING = CriteriaWeights(
    **{criterion.value: 0.0 for criterion in Criterion if criterion is not Criterion.FINANCE}
)
SMALL = PlanSettings(
    half_years=2,
    futures=3,
    step_months=6,
    branches=1,
    minimum_opening=0,
    relative_gap=0.0,
    supply=SupplyRisk(late_chance=0.0, failure_chance=0.0),
    criteria=NOTHING,
    alternative_difference=0.0,
)
FRYSLAN = {"province": "Fryslân", "municipality_code": "GM0080"}
COSTS = SMALL.costs


def constant(*persons, months=12):
    return np.repeat(np.array(persons, dtype=float)[:, np.newaxis], months, axis=1)


def solved(register, need, settings=SMALL):
    periods = PERIODS[: need.shape[1]]
    question = pose_question(register, need, periods=periods, settings=settings, seed=1)
    return question, *solve_question(question)


def chosen(register, need, settings=SMALL):
    periods = PERIODS[: need.shape[1]]
    return plan_with_choices(register, need, periods=periods, settings=settings, seed=1)


class TestReconsideration:
    HALL = emergency("hall", 100, agreement_end="2025-12", extension_months=12)

    def test_prices_a_decision_as_the_whole_plan_solved_again_without_it(self):
        register = (regular("core", 100, fixed_core=True), self.HALL)
        _, programme, plan = solved(register, constant(150, 160, 170))
        assert plan.courses[0][1] == (UseState.OPEN, UseState.OPEN)

        otherwise = Reconsideration(programme, seed=1).without(
            Decision(line=1, half_year=0, use=UseState.OPEN)
        )
        _, _, without = solved(register[:1], constant(150, 160, 170))

        assert otherwise.use is UseState.ABSENT
        assert otherwise.extra_eur == pytest.approx(without.objective_eur - plan.objective_eur)
        assert otherwise.extra_eur > 0

    def test_prices_by_hand_what_a_place_spares(self):
        # 59 persons without a regular place: a year in the hall, or in the last resort
        register = (regular("core", 100, fixed_core=True), self.HALL)
        _, programme, _ = solved(register, constant(150, 150, 150))
        otherwise = Reconsideration(programme, seed=1).without(
            Decision(line=1, half_year=0, use=UseState.OPEN)
        )
        spared = 59 * (COSTS.last_resort_person - COSTS.emergency_housed)

        assert otherwise.extra_eur == pytest.approx(spared - 100 * COSTS.emergency_housing)

    def test_has_no_answer_where_nothing_else_is_possible(self):
        _, programme, _ = solved((regular("core", 100, fixed_core=True),), constant(90, 90, 90))

        assert (
            Reconsideration(programme, seed=1).without(
                Decision(line=0, half_year=0, use=UseState.OPEN)
            )
            is None
        )

    def test_answers_alike_in_any_order(self):
        register = tuple(
            replace(
                self.HALL,
                location_id=f"hall-{at}",
                places=10 * at,
                technical_places=10 * at,
                contractual_places=10 * at,
            )
            for at in range(2, 7)
        )
        _, programme, plan = solved(register, constant(100, 120, 150))
        decisions = [Decision(line=at, half_year=0, use=plan.courses[0][at][0]) for at in range(5)]

        def prices(order):
            asked = Reconsideration(programme, seed=1)
            return {at: asked.without(decisions[at]).extra_eur for at in order}

        assert prices(range(5)) == pytest.approx(prices(reversed(range(5))))

    def test_names_a_demand_only_if_it_makes_the_plan_dearer(self):
        register = (regular("core", 100), candidate("new", 80))
        idle = replace(SMALL, maximum_openings=5)
        tight = replace(SMALL, maximum_openings=0)
        binding = [
            Reconsideration(
                solved(register, constant(170, 170, 170), asked)[1], seed=1
            ).binding_demands()
            for asked in (idle, tight)
        ]

        assert binding[0] == {}
        assert set(binding[1]) == {"maximum_openings"}


class TestAlternatives:
    REGISTER = (
        regular("south", 100, indicative_places=100, agreement_end="2025-12", extension_months=12),
        regular(
            "north",
            100,
            indicative_places=100,
            agreement_end="2025-12",
            extension_months=12,
            **FRYSLAN,
        ),
        emergency("hall", 60, indicative_places=100, agreement_end="2025-12", extension_months=6),
    )

    def found(self, need, **changed):
        settings = replace(SMALL, **({"alternative_slack": 0.2} | changed))
        question, programme, plan = solved(self.REGISTER, need, settings)
        return find_alternatives(question, programme, plan.courses, cost_eur=plan.objective_eur)

    def test_stay_within_the_slack_and_serve_their_aim_better_than_the_cheapest(self):
        found = self.found(constant(60, 80, 160))
        first, *others = found.offered

        assert first.aim is Aim.LEAST_COST
        assert others
        for one in others:
            assert one.cost_eur <= 1.2 * first.cost_eur * (1 + 1e-6)
            assert one.extra_eur == pytest.approx(one.cost_eur - first.cost_eur)
        by_aim = {one.aim: one for one in others}
        if Aim.FEWEST_MOVES in by_aim:
            assert by_aim[Aim.FEWEST_MOVES].places_moved < first.places_moved
        if Aim.MOST_ROBUST in by_aim:
            robust = by_aim[Aim.MOST_ROBUST].worst_missing_place_months
            assert robust < first.worst_missing_place_months

    def test_move_nobody_where_the_slack_pays_for_it(self):
        calm = self.found(constant(60, 60, 60), alternative_slack=2.0)
        by_aim = {one.aim: one for one in calm.offered}

        assert by_aim[Aim.LEAST_COST].places_moved > 0
        assert by_aim[Aim.FEWEST_MOVES].places_moved < by_aim[Aim.LEAST_COST].places_moved

    def test_leave_out_a_plan_that_is_too_like_another_and_say_which(self):
        found = self.found(constant(60, 60, 60), alternative_slack=2.0, alternative_difference=1.1)

        assert [one.aim for one in found.offered] == [Aim.LEAST_COST]
        assert all(one.like is Aim.LEAST_COST for one in found.left_out)
        assert any(one.better for one in found.left_out)

    def test_offer_nothing_else_where_nothing_may_cost_more(self):
        register = (regular("core", 100, fixed_core=True),)
        question, programme, plan = solved(register, constant(80, 80, 80))
        found = find_alternatives(question, programme, plan.courses, cost_eur=plan.objective_eur)

        assert [one.aim for one in found.offered] == [Aim.LEAST_COST]
        assert not any(one.better for one in found.left_out)


class TestEvaluation:
    def test_finds_planning_on_the_expected_need_dearer_where_the_need_is_uncertain(self):
        rng = np.random.default_rng(3)
        need = np.repeat(rng.choice([20.0, 130.0], (4_000, 1)), 12, axis=1)
        register = (regular("core", 90, fixed_core=True), candidate("new", 90))
        settings = replace(SMALL, futures=10)
        told = evaluate_plan(register, need, start=PERIODS[0], settings=settings, seed=1)

        # The expected need fits: whoever knows no more opens nothing for the other half.
        assert told.value_eur > 5 * told.standard_error_eur > 0
        assert told.on_expected.missing_place_months > told.on_futures.missing_place_months
        assert (told.planned_on, told.fresh) == (2_000, 2_000)

    def test_finds_no_difference_where_nothing_is_uncertain(self):
        told = evaluate_plan(
            (regular("core", 100),),
            constant(80, 80, 80, 80),
            start=PERIODS[0],
            settings=SMALL,
            seed=1,
        )

        assert told.value_eur == 0.0
        assert told.on_futures == told.on_expected

    def test_needs_a_path_to_plan_on_and_one_to_judge_on(self):
        with pytest.raises(InvalidInput, match="two paths"):
            evaluate_plan(
                (regular("core", 100),), constant(80), start=PERIODS[0], settings=SMALL, seed=1
            )


class TestPlanWithChoices:
    REGISTER = (
        regular("core", 100, fixed_core=True),
        emergency("hall", 60, agreement_end="2025-12", extension_months=12),
        candidate("new", 80, lead_time_months=6),
    )

    def lines(self, need, settings=SMALL):
        made = chosen(self.REGISTER, need, settings)
        return made, {(one.location_id, one.action): one for one in made.plan.lines}

    def test_prices_every_decision_of_now_and_no_other(self):
        made, _ = self.lines(constant(170, 180, 190))

        for line in made.plan.lines:
            assert line.decide_now or line.otherwise_eur is None
            assert not line.decide_now or line.otherwise_eur >= -1e-3

    def test_says_what_carries_and_what_binds_an_action(self):
        _, by = self.lines(constant(170, 180, 190))

        assert by["core", Action.KEEP].binding is Binding.FIXED_CORE
        assert by["new", Action.OPEN].binding is Binding.LEAD_TIME
        assert by["new", Action.OPEN].criteria[0] is Criterion.FINANCE

    def test_names_the_demand_that_keeps_a_location_shut(self):
        made, by = self.lines(constant(170, 180, 190), replace(SMALL, maximum_openings=0))
        line = by["new", Action.LEAVE]

        assert line.reason is ReasonCode.DEMANDED
        assert line.facts["demand"] == "maximum_openings"
        assert line.binding is Binding.DEMAND
        assert made.demand_prices["maximum_openings"] > 0

    def test_says_that_the_notice_binds(self):
        made = chosen((emergency("hall", 60, notice_months=6),), constant(0, 0, 0))

        assert made.plan.lines[0].binding is Binding.NOTICE


class TestPreferences:
    def test_decide_between_equal_costs_and_are_no_cost(self):
        better, worse = (
            candidate(name, 80, quality_score=score)
            for name, score in (("better", 9.0), ("worse", 2.0))
        )
        settings = replace(SMALL, criteria=replace(NOTHING, quality_sustainability=50.0))
        need = constant(70, 70, 70)
        for register in ((better, worse), (worse, better)):
            made = plan_capacity(register, need, periods=PERIODS[:12], settings=settings, seed=1)
            plain = plan_capacity(register, need, periods=PERIODS[:12], settings=SMALL, seed=1)

            assert UseState.OPEN in made.states["better"]
            assert UseState.OPEN not in made.states["worse"]
            assert made.objective_eur == pytest.approx(plain.objective_eur)


class TestConflicts:
    def test_names_the_fewest_demands_and_how_far_each_must_give(self):
        register = (regular("core", 100, fixed_core=True), candidate("new", 80))
        asked = replace(SMALL, minimum_places=170, maximum_openings=0, maximum_cost_eur=1e9)
        with pytest.raises(ConflictingDemands) as caught:
            plan_capacity(
                register, constant(50, 50, 50), periods=PERIODS[:12], settings=asked, seed=1
            )
        by = {one.name: one for one in caught.value.demands}

        assert set(by) == {"minimum_places", "maximum_openings"}
        assert by["minimum_places"].possible == pytest.approx(100)
        assert by["maximum_openings"].possible == pytest.approx(1)

    def test_counts_the_lead_times_of_the_register_among_them(self):
        register = (regular("core", 100, fixed_core=True), candidate("new", 80, lead_time_months=9))
        asked = replace(SMALL, minimum_places=170)
        with pytest.raises(ConflictingDemands) as caught:
            plan_capacity(
                register, constant(50, 50, 50), periods=PERIODS[:12], settings=asked, seed=1
            )

        assert {one.name for one in caught.value.demands} == {"minimum_places", "lead_times"}

    def test_finds_a_spread_that_is_possible(self):
        register = (
            regular("south", 90, indicative_places=100, fixed_core=True),
            regular("north", 10, indicative_places=100, fixed_core=True, **FRYSLAN),
        )
        asked = replace(SMALL, maximum_spread_deviation=0.1)
        with pytest.raises(ConflictingDemands) as caught:
            plan_capacity(
                register, constant(50, 50, 50), periods=PERIODS[:12], settings=asked, seed=1
            )
        (spread,) = (one for one in caught.value.demands if one.name == "maximum_spread_deviation")

        assert 0.4 <= spread.possible < 0.41

    def test_gives_the_nearest_plan_where_none_was_found_in_time(self):
        register = tuple(
            candidate(f"new-{at}", 50 + 7 * at, lead_time_months=0) for at in range(12)
        )
        asked = replace(SMALL, minimum_places=400, time_limit_seconds=1e-9, maximum_nodes=1)
        made = plan_capacity(
            register, constant(300, 350, 420), periods=PERIODS[:12], settings=asked, seed=1
        )

        assert made.status is PlanStatus.LIMIT_REACHED
        assert made.unmet in {(), ("minimum_places",)}
        assert set(made.states) == {one.location_id for one in register}


class TestBadInput:
    def test_is_told_all_together_with_its_consequence(self):
        with pytest.raises(InvalidInput) as caught:
            PlanSettings(occupancy_norm=0.0, lending_limit=0.0, alternative_slack=-0.1)

        for part in ("occupancy norm of 0.0", "could justify lending", "slack above 0"):
            assert part in str(caught.value)

# SPDX-License-Identifier: EUPL-1.2
"""Levers: what they change month by month, and how those that cannot be pulled are refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidFile
from models.occupancy.levers import (
    MOST_LEVERS,
    Lever,
    check_levers,
    interventions_of,
    names_of,
)
from models.occupancy.reading import read_chain
from models.occupancy.specification import LeverKind
from tests.models.occupancy.builders import FAMILY, FIRST, small_chain
from tests.models.occupancy.contents import faults_of, harbour

START = np.datetime64("2027-01", "M")
MONTHS = 24
END = START + MONTHS - 1
SPECIFICATION = small_chain().specification

HOMES = Lever(
    kind=LeverKind.HOMES_REALISED,
    size=120.0,
    impact_month=START + 3,
    owner="the tests",
    rationale="to see what it does",
)


def month_by_month(*levers):
    return interventions_of(levers, first=START, months=MONTHS, specification=SPECIFICATION)


def check(*levers, specification=SPECIFICATION):
    check_levers(levers, specification=specification, first=START, last=END)


def faults_in(*levers, **options):
    with pytest.raises(InvalidFile) as caught:
        check(*levers, **options)
    return {fault.column: fault.reason for fault in caught.value.faults}


class TestInterventions:
    def test_changes_nothing_before_the_impact_month_and_all_from_there(self):
        added = month_by_month(HOMES).added["homes"]
        assert added.tolist() == [0.0] * 3 + [120.0] * 21

    def test_grows_by_equal_steps_and_is_whole_after_the_ramp(self):
        added = month_by_month(replace(HOMES, ramp=3)).added["homes"]
        assert added[:8].tolist() == [0.0, 0.0, 0.0, 30.0, 60.0, 90.0, 120.0, 120.0]

    def test_ends_after_its_duration(self):
        added = month_by_month(replace(HOMES, duration=2)).added["homes"]
        assert added[:7].tolist() == [0.0, 0.0, 0.0, 120.0, 120.0, 0.0, 0.0]

    def test_spreads_transition_homes_evenly_over_the_ramp(self):
        lever = replace(HOMES, kind=LeverKind.TRANSITION_HOMES, ramp=3)
        added = month_by_month(lever).added["homes"]
        assert added[:8].tolist() == [0.0, 0.0, 0.0, 30.0, 30.0, 30.0, 30.0, 0.0]

    @given(size=st.integers(1, 5_000), ramp=st.integers(0, 20))
    def test_houses_as_many_as_there_are_transition_homes(self, size, ramp):
        lever = replace(HOMES, kind=LeverKind.TRANSITION_HOMES, size=size, ramp=ramp)
        assert month_by_month(lever).added["homes"].sum() == pytest.approx(size)

    def test_shifts_the_grant_rate_by_percentage_points(self):
        lever = replace(HOMES, kind=LeverKind.GRANT_RATE, size=-10)
        assert month_by_month(lever).shifts["grant"][3] == pytest.approx(-0.1)

    def test_shifts_the_grant_rate_of_every_group_that_has_its_own(self):
        lever = replace(HOMES, kind=LeverKind.GRANT_RATE, size=5)
        both = replace(SPECIFICATION, levers=((lever.kind, "men"), (lever.kind, "minors")))

        shifts = interventions_of([lever], first=START, months=MONTHS, specification=both).shifts

        assert {name: shift[3] for name, shift in shifts.items()} == {"men": 0.05, "minors": 0.05}

    def test_changes_returns_by_percent_and_twice_by_the_product(self):
        lever = replace(HOMES, kind=LeverKind.RETURNS, size=50)
        factors = month_by_month(lever, replace(lever, size=-20)).factors["depart"]
        assert factors[:5] == pytest.approx([1, 1, 1, 1.2, 1.2])

    def test_adds_a_shock_to_the_inflow_for_as_long_as_it_lasts(self):
        lever = replace(HOMES, kind=LeverKind.INFLOW_SHOCK, size=500, duration=2)
        arrivals = month_by_month(lever).arrivals[FIRST]
        assert arrivals[:6].tolist() == [0.0, 0.0, 0.0, 500.0, 500.0, 0.0]

    def test_lets_everybody_in_outside_the_months_of_a_quota(self):
        lever = replace(HOMES, kind=LeverKind.FAMILY_REUNIFICATION_QUOTA, size=40, duration=2)
        quotas = month_by_month(lever).quotas[FAMILY]
        assert quotas[2:6].tolist() == [np.inf, 40.0, 40.0, np.inf]

    def test_holds_the_smallest_of_several_quotas(self):
        lever = replace(HOMES, kind=LeverKind.FAMILY_REUNIFICATION_QUOTA, size=40)
        later = replace(lever, size=10, impact_month=START + 5)
        assert month_by_month(lever, later).quotas[FAMILY][3:7].tolist() == [40.0, 40.0, 10.0, 10.0]

    def test_adds_up_what_goes_through_the_same_bottleneck(self):
        homes = replace(HOMES, kind=LeverKind.TRANSITION_HOMES, size=30)
        added = month_by_month(HOMES, homes, replace(HOMES, size=-20)).added["homes"]
        assert added[3:5].tolist() == [130.0, 100.0]


class TestNames:
    def test_are_the_kinds_and_count_those_that_occur_twice(self):
        returns = replace(HOMES, kind=LeverKind.RETURNS)
        assert names_of([HOMES, returns, replace(HOMES, size=1.0)]) == (
            "homes_realised.1",
            "returns",
            "homes_realised.2",
        )


GOOD = {
    LeverKind.DECISION_CAPACITY: {"size": -500},
    LeverKind.HOMES_REALISED: {"size": 300, "ramp": 6},
    LeverKind.GRANT_RATE: {"size": -15},
    LeverKind.INFLOW_SHOCK: {"size": -5_000, "duration": 3},
    LeverKind.FAMILY_REUNIFICATION_QUOTA: {"size": 0},
    LeverKind.RETURNS: {"size": 25, "duration": 12},
    LeverKind.TRANSITION_HOMES: {"size": 1_200, "ramp": 11},
}


class TestCheck:
    def test_lets_one_of_every_kind_through(self):
        check(*(replace(HOMES, kind=kind, **changes) for kind, changes in GOOD.items()))

    def test_lets_levers_that_end_at_the_horizon_through(self):
        check(replace(HOMES, impact_month=START, ramp=MONTHS - 1, duration=MONTHS))
        check(replace(HOMES, impact_month=END, ramp=0))

    def test_lets_no_levers_through(self):
        check()

    @pytest.mark.parametrize(
        ("field", "changes", "reason"),
        [
            ("impact_month", {"impact_month": START - 1}, "between 2027-01 and 2028-12"),
            ("impact_month", {"impact_month": END + 1}, "between 2027-01 and 2028-12"),
            ("impact_month", {"impact_month": np.datetime64("NaT", "M")}, "between"),
            ("size", {"size": 0}, "must not be 0"),
            ("size", {"size": float("nan")}, "finite"),
            ("size", {"size": float("inf")}, "finite"),
            ("size", {"size": 1_000_001}, "1,000,000 persons a month"),
            ("size", {"kind": LeverKind.GRANT_RATE, "size": -200}, "percentage points"),
            ("size", {"kind": LeverKind.RETURNS, "size": -101}, "percent"),
            ("size", {"kind": LeverKind.TRANSITION_HOMES, "size": -5}, "between 0"),
            ("size", {"kind": LeverKind.FAMILY_REUNIFICATION_QUOTA, "size": -1}, "between 0"),
            ("ramp", {"ramp": -1}, "between 0 and 23 months"),
            ("ramp", {"ramp": 24}, "between 0 and 23 months"),
            ("ramp", {"kind": LeverKind.FAMILY_REUNIFICATION_QUOTA, "ramp": 2}, "at once"),
            ("duration", {"duration": 0}, "between 1 and 24 months"),
            ("duration", {"duration": 25}, "between 1 and 24 months"),
            ("duration", {"duration": 4, "ramp": 4}, "exceed the ramp"),
            ("duration", {"kind": LeverKind.INFLOW_SHOCK}, "a shock passes"),
            ("duration", {"kind": LeverKind.TRANSITION_HOMES, "duration": 2}, "left out"),
            ("owner", {"owner": " "}, "empty"),
            ("rationale", {"rationale": ""}, "empty"),
            ("owner", {"owner": "a\x00b"}, "control characters"),
            ("rationale", {"rationale": "a\nb"}, "control characters"),
        ],
    )
    def test_names_the_one_thing_that_is_wrong(self, field, changes, reason):
        found = faults_in(replace(HOMES, **changes))
        assert list(found) == [f"levers.0.{field}"]
        assert reason in found[f"levers.0.{field}"]

    def test_names_everything_that_is_wrong_at_once(self):
        wrong = replace(HOMES, size=0, impact_month=START - 1, ramp=-1, duration=-1, owner="")
        also = replace(HOMES, kind=LeverKind.GRANT_RATE, size=-200, rationale="")
        assert set(faults_in(wrong, HOMES, also)) == {
            "levers.0.size",
            "levers.0.impact_month",
            "levers.0.ramp",
            "levers.0.duration",
            "levers.0.owner",
            "levers.2.size",
            "levers.2.rationale",
        }

    def test_refuses_the_same_lever_twice_but_not_two_that_differ_in_owner(self):
        check(HOMES, replace(HOMES, owner="another municipality"))
        assert list(faults_in(HOMES, HOMES)) == ["levers.1"]

    def test_refuses_more_levers_than_anybody_means(self):
        many = [replace(HOMES, size=size) for size in range(1, MOST_LEVERS + 2)]
        check(*many[:-1])
        assert list(faults_in(*many)) == ["levers"]

    def test_names_the_kind_that_acts_on_nothing(self):
        bare = replace(SPECIFICATION, levers=((LeverKind.RETURNS, "depart"),))
        found = faults_in(HOMES, specification=bare)
        assert found == {"levers.0.kind": "acts on nothing in the chain 'small'."}

    @pytest.mark.parametrize("kind", list(LeverKind))
    def test_knows_every_kind(self, kind):
        assert SPECIFICATION.acted_on(kind)
        check(replace(HOMES, kind=kind, **GOOD[kind]))


class TestWhatAChainSaysOfThem:
    @pytest.mark.parametrize(
        ("pairs", "column", "reason"),
        [
            ([["homes_realised", "no such"]], "levers.homes_realised", "is not there"),
            ([["returns", "go"], ["returns", "go"]], "levers.returns", "more than it may"),
            ([["magic", "go"]], "levers", "must hold pairs of one of"),
            ([["returns", 3]], "levers", "must hold pairs of one of"),
        ],
    )
    def test_are_refused_where_they_act_on_nothing_or_too_much(self, pairs, column, reason):
        ((place, said),) = faults_of(harbour() | {"levers": pairs})

        assert place == column
        assert reason in said

    def test_may_act_on_a_rate_of_every_group(self):
        levers = [["grant_rate", "granted"], ["returns", "go"]]

        chain = read_chain(harbour() | {"levers": levers}, name="test")

        assert chain.acted_on(LeverKind.GRANT_RATE) == ("granted",)
        assert chain.acted_on(LeverKind.HOMES_REALISED) == ()

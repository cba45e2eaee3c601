# SPDX-License-Identifier: EUPL-1.2
"""A location that cannot exist is refused, and each field says what it rests on."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.planning.costs import COST_ORIGINS, Basis, CostParameters
from models.planning.register.faults import disagreements, location_faults
from models.planning.register.locations import (
    ContractForm,
    DualUseGroup,
    Location,
    LocationKind,
    LocationStatus,
    ReceptionGroup,
)
from models.planning.register.place_costs import cost_origin, is_dearer_than_emergency, place_costs

VALUES = {
    "location_id": "GM0106-regular",
    "name": "Assen",
    "municipality": "Assen",
    "municipality_code": "GM0106",
    "province": "Drenthe",
    "kind": LocationKind.REGULAR,
    "status": LocationStatus.OPEN,
    "places": 500,
    "technical_places": 500,
    "contractual_places": 500,
    "source": "a test",
}
CANDIDATE = {"status": LocationStatus.CANDIDATE, "places": 0}
STUDENTS = (DualUseGroup.STUDENTS,)
COSTS = ("opening_eur", "place_eur", "reserve_eur", "lent_eur", "closing_eur")


def location(**changed):
    return Location(**(VALUES | changed))


def faults_of(**changed):
    """The faults of a location that would be sound but for what was changed."""
    sound = location()
    values = {name: getattr(sound, name) for name in Location.__slots__}
    return dict(location_faults(values | changed))


class TestLocation:
    @pytest.mark.parametrize(
        ("changed", "fault"),
        [
            ({"places": 0}, "places must exceed 0"),
            ({"places": -5}, "places is negative"),
            ({"technical_places": 499}, "technical_places is less than the places there now"),
            ({"contractual_places": 499}, "contractual_places is less than the places there now"),
            ({"status": LocationStatus.CANDIDATE}, "places must be 0 for a candidate"),
            (CANDIDATE | {"technical_places": 0}, "technical_places must exceed 0"),
            (
                {"status": LocationStatus.RESERVE, "kind": LocationKind.EMERGENCY},
                "status must be open or candidate",
            ),
            (
                {"status": LocationStatus.RESERVE, "fixed_core": True},
                "status must be open in the fixed core",
            ),
            (
                {"status": LocationStatus.LENT, "dual_use": ContractForm.CAMPUS_CONTRACT},
                "dual_use cannot be recalled",
            ),
            ({"lent_to": STUDENTS}, "lent_to names groups, but dual_use names no contract form"),
            (
                {"lent_to": STUDENTS * 2, "dual_use": ContractForm.VACANCY_ACT},
                "lent_to names a group twice",
            ),
            (
                {"lent_to": STUDENTS, "dual_use": ContractForm.YOUTH_CONTRACT},
                "lent_to names a group that the contract form of dual_use is not for",
            ),
            ({"kind": LocationKind.KWV}, "group must be unaccompanied_minor"),
            ({"province": "Holland"}, "province is not one of the twelve"),
            ({"municipality_code": "0106"}, "municipality_code is not GM and four digits"),
            ({"agreement_end": "2026-00"}, "agreement_end is not a month"),
            (
                {"agreement_start": "2026-02", "agreement_end": "2026-01"},
                "agreement_end is before the agreement starts",
            ),
            ({"lead_time_months": -1}, "lead_time_months is negative"),
            ({"lead_time_months": 61}, "lead_time_months is longer than the 60 months"),
            ({"recall_months": 61}, "recall_months is longer"),
            ({"expansion_months": 61}, "expansion_months is longer"),
            ({"notice_months": 61}, "notice_months is longer"),
            ({"population": 10**9}, "population is too large to be true"),
            ({"residents_per_unit": 0}, "residents_per_unit is less than 1"),
            ({"tenants_per_unit": -1}, "tenants_per_unit is less than 1"),
            ({"opening_eur": -1.0}, "opening_eur is negative"),
            ({"closing_eur": math.nan}, "closing_eur is not finite"),
            ({"place_eur": math.inf}, "place_eur is not finite"),
            ({"place_eur": 9_000.0, "reserve_eur": 9_000.5}, "reserve_eur makes a place in res"),
            ({"reserve_eur": 15_001.0}, "reserve_eur makes a place in reserve dearer"),
            ({"late_chance": 1.1}, "late_chance is not between 0 and 1"),
            ({"failure_chance": math.nan}, "failure_chance is not between 0 and 1"),
            ({"late_chance": 0.7, "failure_chance": 0.4}, "failure_chance and late_chance add up"),
            ({"quality_score": 10.5}, "quality_score is not between 0 and 10"),
            ({"school_children": -1}, "school_children is negative"),
            ({"name": " "}, "name is empty"),
            ({"name": "=SUM(A1)"}, "name begins like a formula"),
            ({"source": " @cell"}, "source begins like a formula"),
            ({"name": "Assen "}, "name begins or ends with a space"),
            ({"name": "As\nsen"}, "name holds a character that cannot be printed"),
            ({"location_id": "a/b"}, "location_id may hold letters"),
            ({"assumed": ("places",)}, "owner is empty, but an assumption needs an owner"),
            ({"assumed": ("weather",), "owner": "COA"}, "assumed names what is no field"),
            ({"assumed": ("places", "places"), "owner": "COA"}, "assumed names a field twice"),
        ],
    )
    def test_refuses_what_cannot_exist(self, changed, fault):
        with pytest.raises(InvalidInput) as refused:
            location(**changed)

        sentence = str(refused.value)
        assert fault in sentence
        assert sentence.count(";") == 0

    @pytest.mark.parametrize(
        "changed",
        [
            {"agreement_start": "2026-01", "agreement_end": "2026-01"},
            {"lead_time_months": 60, "extension_months": 120, "minimum_term_months": 120},
            {"place_eur": 9_000.0, "reserve_eur": 9_000.0},
            {"late_chance": 0.3, "failure_chance": 0.7},
            {"quality_score": 10.0, "finance_score": 0.0},
            {"kind": LocationKind.YOUTH, "group": ReceptionGroup.UNACCOMPANIED_MINORS},
            {"kind": LocationKind.AZC, "group": ReceptionGroup.UNACCOMPANIED_MINORS},
            CANDIDATE,
        ],
    )
    def test_accepts_what_just_can(self, changed):
        assert faults_of(**changed) == {}

    def test_names_every_fault_at_once(self):
        with pytest.raises(InvalidInput, match=r"province .*; places .*; late_chance"):
            location(province="Holland", places=-1, late_chance=2.0)

    def test_can_have_no_more_places_than_building_and_agreement_allow(self):
        assert location(technical_places=700, contractual_places=600).places_possible == 600
        assert location(technical_places=550, contractual_places=600).places_possible == 550

    def test_tells_a_fact_from_an_assumption_and_its_owner(self):
        one = location(assumed=("agreement_end",), owner="COA, portfolio team")

        assert one.origin_of("places").basis is Basis.FACT
        assert one.origin_of("agreement_end").basis is Basis.ASSUMPTION
        assert one.origin_of("agreement_end").owner == "COA, portfolio team"

    def test_has_no_origin_for_what_is_not_known(self):
        assert location().origin_of("chain_score") is None
        assert location(chain_score=7.0).origin_of("chain_score").basis is Basis.FACT

    def test_counts_as_a_reserve_only_in_a_form_that_the_law_lets_end(self):
        recallable = [form for form in ContractForm if form.recallable]

        assert recallable == [ContractForm.VACANCY_ACT]

    def test_prices_crisis_places_as_emergency(self):
        emergency = [kind for kind in LocationKind if kind.is_emergency]

        assert emergency == [LocationKind.EMERGENCY, LocationKind.CRISIS]

    def test_keeps_unaccompanied_minors_to_themselves_in_three_kinds(self):
        theirs = [kind for kind in LocationKind if kind.is_for_minors]

        assert theirs == [LocationKind.KWV, LocationKind.POA, LocationKind.YOUTH]


class TestLocationFaults:
    @pytest.mark.parametrize("field", sorted(set(Location.__slots__) - {"source", "owner"}))
    def test_let_every_field_but_its_origin_be_an_assumption(self, field):
        wrong = faults_of(assumed=(field,), owner="COA")

        assert ("assumed" in wrong) == (field == "assumed")

    @given(st.sets(st.sampled_from(Location.__slots__)))
    def test_say_nothing_of_what_could_not_be_read(self, unread):
        values = {name: getattr(location(), name) for name in Location.__slots__}

        assert not list(
            location_faults({name: values[name] for name in values if name not in unread})
        )

    def test_blame_one_cell_once(self):
        assert faults_of(agreement_start="=1", agreement_end="2026-01") == {
            "agreement_start": "is not a month written as YYYY-MM"
        }


class TestDisagreements:
    def test_name_what_two_lines_say_differently_of_one_municipality(self):
        known = {"municipality": "Assen", "province": "Drenthe", "population": 70_000}
        later = {"municipality": "Assen", "province": "Groningen", "indicative_places": 300}

        assert [name for name, _ in disagreements(later, known)] == ["province"]


class TestPlaceCosts:
    def test_are_the_national_averages_where_nothing_is_known(self):
        own = place_costs(location(), costs=CostParameters())

        assert [getattr(own, name) for name in COSTS] == [2_500, 15_000, 6_935, 3_600, 3_667]

    def test_hire_an_emergency_place_at_its_own_average(self):
        one = location(kind=LocationKind.EMERGENCY)

        assert place_costs(one, costs=CostParameters()).place_eur == 14_600

    def test_are_those_of_the_location_where_known(self):
        own = place_costs(
            location(opening_eur=0.0, place_eur=12_000.0, lent_eur=5_000.0), costs=CostParameters()
        )

        assert [getattr(own, name) for name in COSTS] == [0, 12_000, 6_935, 5_000, 3_667]

    def test_never_make_the_reserve_dearer_than_the_open_place(self):
        assert place_costs(location(place_eur=5_000.0), costs=CostParameters()).reserve_eur == 5_000

    @given(st.floats(0, 50_000), st.floats(0, 50_000))
    def test_follow_the_averages_that_a_user_chooses(self, empty, standby):
        # Far above, so that the ladder of prices stays one.
        chosen = CostParameters(
            empty_place=1.0 + empty,
            regular_standby=standby,
            regular_person=200_000.0,
            emergency_person=400_000.0,
            last_resort_person=600_000.0,
        )

        own = place_costs(location(), costs=chosen)
        assert own.place_eur == chosen.regular_open
        assert own.reserve_eur == chosen.empty_place


class TestIsDearerThanEmergency:
    # 69,400 for everything in emergency reception, less 15,400 that a person adds to a place.
    @pytest.mark.parametrize(
        ("place_eur", "dearer"), [(None, False), (54e3, False), (54_001, True)]
    )
    def test_compares_a_person_here_with_one_in_an_emergency_place(self, place_eur, dearer):
        one = location(place_eur=place_eur)

        assert is_dearer_than_emergency(one, costs=CostParameters()) is dearer

    def test_says_nothing_of_emergency_places(self):
        one = location(kind=LocationKind.CRISIS, place_eur=80_000.0)

        assert not is_dearer_than_emergency(one, costs=CostParameters())


class TestCostOrigin:
    def test_is_that_of_the_register_where_the_cost_is_known(self):
        one = location(place_eur=12_000.0, assumed=("place_eur",), owner="COA")

        assert cost_origin(one, "place_eur").owner == "COA"

    def test_is_that_of_the_national_average_elsewhere(self):
        assert cost_origin(location(), "closing_eur") == COST_ORIGINS["close_place"]

    def test_of_a_sum_is_as_weak_as_its_weakest_part(self):
        origin = cost_origin(location(), "place_eur")

        assert origin.basis is Basis.ASSUMPTION
        assert "INLIA" in origin.source
        assert "staff" in origin.source

    def test_is_asked_for_costs_only(self):
        with pytest.raises(InvalidInput):
            cost_origin(location(), "population")

# SPDX-License-Identifier: EUPL-1.2
"""Contract and plan say what may be lent, until when, and in which order."""

import pytest

from models.planning.costs import CostParameters
from models.planning.dual_use.lendable import lendable
from models.planning.portfolio.uses import UseState
from models.planning.register.contract_forms import CONTRACT_FORMS, RENT_ORIGINS
from models.planning.register.locations import ContractForm, DualUseGroup, LocationStatus
from models.planning.register.place_costs import place_costs
from tests.models.planning.builders import emergency, regular

OPEN, RESERVE, LENT, ABSENT = UseState.OPEN, UseState.RESERVE, UseState.LENT, UseState.ABSENT


def found(*lines, half_year=0, branches=1):
    """Lendable places; every line comes with its course in each branch."""
    register = [line for line, *_ in lines]
    courses = [course if branches > 1 else (course,) for _, course in lines]
    return lendable(
        register,
        courses=courses,
        places=[line.places for line in register],
        half_year=half_year,
        costs=CostParameters(),
    )


def names(found):
    return [one.location.location_id for one in found]


class TestContractForms:
    def test_cover_every_form_but_none(self):
        assert set(CONTRACT_FORMS) == set(ContractForm) - {ContractForm.NONE}

    def test_come_back_by_notice_only_where_the_form_can_be_recalled(self):
        for form, terms in CONTRACT_FORMS.items():
            assert terms.form is form
            assert (terms.notice_months is not None) is form.recallable

    def test_name_groups_law_and_source(self):
        for terms in CONTRACT_FORMS.values():
            assert terms.groups
            assert terms.law
            assert terms.source

    def test_have_a_rent_with_an_origin_for_every_group(self):
        assert set(RENT_ORIGINS) == set(DualUseGroup)


class TestWhatMayBeLent:
    def test_leaves_out_core_emergency_absent_places_and_places_without_a_contract(self):
        places = found(
            (regular("core", 100, fixed_core=True), [OPEN] * 4),
            (emergency("hall", 100), [OPEN] * 4),
            (regular("gone", 100), [ABSENT] * 4),
            (regular("whole", 100, dual_use=ContractForm.NONE), [OPEN] * 4),
            (regular("free", 100), [OPEN] * 4),
        )

        assert names(places) == ["free"]

    def test_counts_whole_units_only(self):
        (one,) = found((regular("block", 103, residents_per_unit=4), [RESERVE] * 4))

        assert one.places == 100

    def test_is_for_the_groups_that_the_register_names(self):
        seekers = (DualUseGroup.URGENT_SEEKERS,)
        rented = regular("rented", 10, dual_use=ContractForm.TEMPORARY_RENT, lent_to=seekers)
        (one,) = found((rented, [OPEN] * 4))

        assert one.groups == seekers

    def test_is_for_every_group_of_the_form_where_the_register_names_none(self):
        (one,) = found((regular("any", 10, dual_use=ContractForm.YOUTH_CONTRACT), [OPEN] * 4))

        assert one.groups == (DualUseGroup.YOUNG_PEOPLE,)


class TestTimeAway:
    @pytest.mark.parametrize(
        ("form", "until_back", "term"),
        [
            (ContractForm.VACANCY_ACT, 9, 120),
            (ContractForm.TEMPORARY_RENT, 24, 24),
            (ContractForm.CAMPUS_CONTRACT, None, None),
            (ContractForm.YOUTH_CONTRACT, None, None),
        ],
    )
    def test_follows_from_the_contract(self, form, until_back, term):
        (one,) = found((regular("one", 10, dual_use=form), [OPEN] * 10))

        assert (one.months_until_back, one.term_months) == (until_back, term)

    def test_is_the_notice_where_tenants_live_already(self):
        before = regular("before", 10, status=LocationStatus.LENT)
        (now,) = found((before, [LENT] * 4))
        (later,) = found((regular("since", 10), [OPEN, LENT, LENT, OPEN]), half_year=2)
        (anew,) = found((regular("anew", 10), [OPEN, LENT, LENT, OPEN]), half_year=1)

        assert [one.months_until_back for one in (now, later, anew)] == [3, 3, 9]
        assert [one.lent_already for one in (now, later, anew)] == [True, True, False]

    @pytest.mark.parametrize(
        ("form", "half_years_there", "term"),
        [
            (ContractForm.VACANCY_ACT, 1, None),  # tenants could not leave in time
            (ContractForm.VACANCY_ACT, 2, 12),
            (ContractForm.TEMPORARY_RENT, 1, 6),
            (ContractForm.TEMPORARY_RENT, 3, 18),
            (ContractForm.TEMPORARY_RENT, 9, 24),
            (ContractForm.CAMPUS_CONTRACT, 9, None),  # they would outstay the agreement
        ],
    )
    def test_ends_before_the_location_leaves_the_plan(self, form, half_years_there, term):
        course = [OPEN] * half_years_there + [ABSENT] * (10 - half_years_there)
        places = found((regular("one", 10, dual_use=form), course))

        assert [one.term_months for one in places] == ([] if term is None else [term])

    def test_counts_on_the_branch_in_which_the_location_leaves_first(self):
        courses = ([OPEN] * 6, [OPEN, OPEN, OPEN, ABSENT, ABSENT, ABSENT])
        (one,) = found((regular("one", 10), courses), branches=2)

        assert one.term_months == 18


class TestOrder:
    def test_lends_first_what_is_back_soonest_then_what_the_plan_needs_last(self):
        temporary = regular("a-temporary", 10, dual_use=ContractForm.TEMPORARY_RENT)
        campus = regular("a-campus", 10, dual_use=ContractForm.CAMPUS_CONTRACT)
        places = found(
            (campus, [RESERVE] * 6),
            (temporary, [RESERVE] * 6),
            (regular("open", 10), [OPEN] * 6),
            (regular("reserve", 10), [RESERVE] * 6),
            (regular("lent", 10), [LENT] * 6),
            (regular("running", 10, status=LocationStatus.LENT), [LENT] * 6),
        )

        assert names(places) == ["running", "lent", "reserve", "open", "a-temporary", "a-campus"]

    def test_lends_first_what_saves_most_among_equals(self):
        places = found(
            (regular("average", 10), [OPEN] * 6),
            (regular("high-rent", 10, lent_eur=6_000.0), [OPEN] * 6),
            (regular("dear-staff", 10, place_eur=30_000.0), [OPEN] * 6),
        )

        assert names(places) == ["dear-staff", "high-rent", "average"]


class TestRent:
    """The programme and the offers reckon with the same rent of a place."""

    @pytest.mark.parametrize(
        ("residents", "tenants", "stated", "rent"),
        [(1, 1, None, 3_600), (4, 1, None, 900), (4, 2, None, 1_800), (4, 1, 3_000.0, 3_000)],
    )
    def test_of_a_place_is_that_of_its_share_of_the_tenants(self, residents, tenants, stated, rent):
        one = regular(
            "one", 8, residents_per_unit=residents, tenants_per_unit=tenants, lent_eur=stated
        )

        assert place_costs(one, costs=CostParameters()).lent_eur == rent

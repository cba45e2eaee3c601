# SPDX-License-Identifier: EUPL-1.2
"""A location that cannot exist is refused, and each field says what it rests on."""

import pytest

from models.errors import InvalidInput
from models.planning.costs import Basis
from models.planning.locations import ContractForm, Location, LocationKind, LocationStatus


def location(**changed):
    values = {
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
    return Location(**(values | changed))


class TestLocation:
    @pytest.mark.parametrize(
        "changed",
        [
            {"places": 0},
            {"places": -5},
            {"technical_places": 400},
            {"contractual_places": 400},
            {"status": LocationStatus.CANDIDATE},
            {"status": LocationStatus.CANDIDATE, "places": 0, "technical_places": 0},
            {"status": LocationStatus.RESERVE, "kind": LocationKind.EMERGENCY},
            {"status": LocationStatus.RESERVE, "fixed_core": True},
            {"status": LocationStatus.LENT, "dual_use": ContractForm.CAMPUS_CONTRACT},
            {"province": "Holland"},
            {"municipality_code": "0106"},
            {"agreement_end": "2026-00"},
            {"lead_time_months": -1},
            {"name": " "},
            {"name": "=SUM(A1)"},
            {"assumed": ("places",)},
            {"assumed": ("weather",), "owner": "COA"},
        ],
    )
    def test_refuses_what_cannot_exist(self, changed):
        with pytest.raises(InvalidInput, match="GM0106-regular"):
            location(**changed)

    def test_tells_a_fact_from_an_assumption_and_its_owner(self):
        one = location(assumed=("agreement_end",), owner="COA, portfolio team")

        assert one.origin_of("places").basis is Basis.FACT
        assert one.origin_of("agreement_end").basis is Basis.ASSUMPTION
        assert one.origin_of("agreement_end").owner == "COA, portfolio team"

    def test_counts_as_a_reserve_only_in_a_form_that_the_law_lets_end(self):
        recallable = [form for form in ContractForm if form.recallable]

        assert recallable == [ContractForm.VACANCY_ACT]

    def test_prices_crisis_places_as_emergency(self):
        emergency = [kind for kind in LocationKind if kind.is_emergency]

        assert emergency == [LocationKind.EMERGENCY, LocationKind.CRISIS]

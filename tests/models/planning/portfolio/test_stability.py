# SPDX-License-Identifier: EUPL-1.2
"""What a plan opens, closes and takes back is counted over its branches."""

from models.planning.portfolio.stability import stability_of
from models.planning.portfolio.uses import UseState
from models.planning.register.locations import LocationStatus
from tests.models.planning.builders import candidate, regular

OPEN, RESERVE, LENT, ABSENT = UseState.OPEN, UseState.RESERVE, UseState.LENT, UseState.ABSENT


def of_line(location, *courses):
    chances = [1 / len(courses)] * len(courses)
    return stability_of([location], [[course] for course in courses], chances=chances)


class TestStability:
    def test_counts_a_location_that_is_closed_and_open_again_within_a_year(self):
        line = regular("one", 100)

        assert of_line(line, (ABSENT, OPEN, OPEN)).returns == {"one": 1.0}
        assert of_line(line, (OPEN, ABSENT, ABSENT, OPEN)).returns_within_12_months == 1
        assert of_line(line, (ABSENT, ABSENT, ABSENT, OPEN)).returns_within_12_months == 0

    def test_counts_what_is_taken_back_from_reserve_and_tenants_as_well(self):
        line = regular("one", 100)

        assert of_line(line, (RESERVE, OPEN, LENT, OPEN)).returns_within_12_months == 2
        assert of_line(line, (RESERVE, OPEN, LENT, OPEN)).openings == 0

    def test_does_not_count_what_was_never_in_use(self):
        lent = regular("one", 100, status=LocationStatus.LENT)

        assert of_line(lent, (LENT, OPEN)).returns == {}
        assert of_line(candidate("two", 50), (ABSENT, OPEN)).returns == {}

    def test_weighs_branches_by_their_chance(self):
        made = of_line(candidate("two", 50), (ABSENT, OPEN), (ABSENT, ABSENT))

        assert (made.openings, made.closures) == (0.5, 0)

    def test_counts_openings_and_closures(self):
        made = of_line(regular("one", 100), (ABSENT, OPEN, UseState.EXPANDED, ABSENT))

        assert (made.openings, made.closures) == (1, 2)

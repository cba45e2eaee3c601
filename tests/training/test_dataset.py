# SPDX-License-Identifier: EUPL-1.2
"""When the store itself can teach the pool, and when the one that Getij comes with is used."""

import pytest

from models.catalogue import Measure, Place
from tests.figures import INFLOW, NOW, definition, observation
from training.dataset import has_other_countries
from training.store.records import Snapshot

COUNTRIES = ("AT", "BE", "CH", "CZ", "DE", "EL", "FR", "SE")


def snapshot_of(countries, *, months=24, **changes):
    """Each country with as many months, one person more each month: made up."""
    entries = [definition(f"{code}.x", place=Place(code=code), **changes) for code in countries]
    return Snapshot(
        known_at=NOW,
        definitions=(INFLOW, *entries),
        observations=tuple(
            observation(
                100 + month,
                known="2022-02-01",
                period=f"{2018 + month // 12}-{month % 12 + 1:02d}-01",
                series_id=entry.series_id,
            )
            for entry in entries
            for month in range(months)
        ),
    )


class TestOtherCountries:
    def test_are_enough_when_eight_have_two_years(self):
        assert has_other_countries(snapshot_of(COUNTRIES))

    @pytest.mark.parametrize(
        "snapshot",
        [
            snapshot_of(COUNTRIES[:-1]),
            snapshot_of([*COUNTRIES[:-1], "NL"]),
            snapshot_of(COUNTRIES, months=23),
            snapshot_of(COUNTRIES, measure=Measure.OUTFLOW),
        ],
        ids=["seven", "seven and our own", "one month too few", "no inflow"],
    )
    def test_are_not_enough_with_less(self, snapshot):
        assert not has_other_countries(snapshot)

# SPDX-License-Identifier: EUPL-1.2
"""The shock rests on what was published before any figure that Getij learns from."""

import numpy as np
import pytest

from models.inflow.ensemble import SHOCK, shock_for

# New asylum applications 2002-2006 (Eurostat, in the annex of COM(2007) 301 of 6 June 2007).
APPLICATIONS = {
    "BE": (18_800, 13_585, 12_400, 12_575, 8_870),
    "DE": (71_125, 50_565, 35_605, 28_915, 21_030),
    "FR": (51_085, 52_205, 50_545, 42_580, 26_270),
    "NL": (18_665, 13_400, 9_780, 12_345, 14_465),
    "AT": (39_355, 32_360, 24_635, 22_460, 13_350),
    "SE": (33_015, 31_355, 23_200, 17_570, 24_320),
    "UK": (103_080, 60_045, 40_625, 30_840, 27_850),
}


class TestTheShock:
    def test_is_how_far_large_countries_moved_in_a_year_without_a_surge(self):
        changes = np.diff(np.log(list(APPLICATIONS.values())), axis=1)

        assert pytest.approx(np.sqrt(np.mean(changes**2)), abs=0.01) == SHOCK

    def test_rests_on_countries_of_more_than_ten_thousand_a_year(self):
        assert min(np.mean(years) for years in APPLICATIONS.values()) > 10_000

    @pytest.mark.parametrize(
        ("years", "share"), [(3, 1.0), (8, 1.0), (10, 0.5), (12, 0.0), (18, 0.0)]
    )
    def test_fades_once_a_panel_is_long_enough_to_have_shown_some(self, years, share):
        assert shock_for(years) == pytest.approx(SHOCK * share)

# SPDX-License-Identifier: EUPL-1.2
"""The shock rests on what was published before any figure that Getij learns from."""

import numpy as np
import pytest

from models.inflow.ensemble import SHOCK, shock_for

# New asylum applications 2002-2006 of the countries of the benchmark's panel that the annex of
# COM(2007) 301 (Eurostat, 6 June 2007) lists; Malta's 2006 is left out, since it ends in October.
APPLICATIONS = {
    "AT": (39_355, 32_360, 24_635, 22_460, 13_350),
    "BE": (18_800, 13_585, 12_400, 12_575, 8_870),
    "CZ": (8_485, 11_400, 5_300, 3_590, 2_730),
    "DE": (71_125, 50_565, 35_605, 28_915, 21_030),
    "EL": (5_665, 8_180, 4_470, 9_050, 12_265),
    "FR": (51_085, 52_205, 50_545, 42_580, 26_270),
    "LT": (365, 395, 165, 100, 150),
    "MT": (350, 455, 845, 1_035),
    "NL": (18_665, 13_400, 9_780, 12_345, 14_465),
    "PL": (5_170, 6_810, 7_925, 5_240, 4_225),
    "PT": (245, 115, 115, 115, 130),
    "RO": (1_000, 885, 545, 485, 380),
    "SE": (33_015, 31_355, 23_200, 17_570, 24_320),
    "SI": (650, 1_050, 1_090, 1_550, 500),
}


class TestTheShock:
    def test_is_how_far_countries_moved_in_a_year_before_any_figure_of_ours(self):
        changes = np.concatenate([np.diff(np.log(years)) for years in APPLICATIONS.values()])

        assert len(changes) == 55
        assert pytest.approx(np.sqrt(np.mean(changes**2)), abs=0.005) == SHOCK

    @pytest.mark.parametrize(
        ("years", "share"), [(3, 1.0), (8, 1.0), (10, 0.5), (12, 0.0), (18, 0.0)]
    )
    def test_fades_once_a_panel_is_long_enough_to_have_shown_some(self, years, share):
        assert shock_for(years) == pytest.approx(SHOCK * share)

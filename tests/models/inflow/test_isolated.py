# SPDX-License-Identifier: EUPL-1.2
"""Isolated figures: one wild month is taken as unknown, a lasting jump and honest figures never."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.inflow.isolated import isolated_figures, without_isolated
from models.inflow.past import forecast_members
from models.inflow.pooled import Pooled
from models.periods import Frequency, month_range
from models.types import Panel
from training.series_file import read_series


def panel_of(*rows, frequency=Frequency.MONTH):
    return Panel(
        series_ids=tuple(f"s{row}" for row in range(len(rows))),
        frequency=frequency,
        periods=month_range(np.datetime64("2015-01"), len(rows[0]), frequency),
        persons=np.array(rows, dtype=float),
    )


class TestIsolatedFigures:
    @pytest.mark.parametrize("place", [0, 7, 20, 35])
    def test_are_found_wherever_they_stand(self, place):
        row = np.full(36, 40.0)
        row[place] = 40_000

        (found,) = isolated_figures(panel_of(np.full(36, 9.0), row))

        assert found.series_id == "s1"
        assert found.period == np.datetime64("2015-01") + place
        assert (found.persons, found.highest_around) == (40_000, 40)

    def test_are_none_where_nothing_is_known_yet(self):
        before = panel_of(np.full(36, 9.0)).until(np.datetime64("2014-12"))

        assert isolated_figures(before) == ()

    def test_are_fifty_times_what_is_around_them(self):
        row = np.full(36, 40.0)
        row[35] = 1_999
        calm = isolated_figures(panel_of(row))
        row[35] = 2_000

        assert calm == ()
        assert len(isolated_figures(panel_of(row))) == 1

    def test_are_none_when_the_next_figure_bears_them_out(self):
        row = np.full(36, 40.0)
        row[-2:] = 40_000, 900

        assert isolated_figures(panel_of(row)) == ()

    def test_may_hide_one_another(self):
        row = np.full(36, 40.0)
        row[[20, 25]] = 4_000, 400_000

        assert [figure.persons for figure in isolated_figures(panel_of(row))] == [400_000, 4_000]

    def test_are_none_of_a_first_arrival_after_years_of_nobody(self):
        assert isolated_figures(panel_of([*np.zeros(35), 900])) == ()

    @given(rows=st.lists(st.floats(0, 1e9), min_size=0, max_size=40), later=st.floats(0, 1e9))
    def test_once_unknown_leave_none(self, rows, later):
        rows = panel_of([*rows, later])

        assert isolated_figures(without_isolated(rows)) == ()

    def test_leave_the_very_panel_where_there_are_none(self):
        calm = panel_of(np.full(36, 40.0))

        assert without_isolated(calm) is calm

    @pytest.mark.parametrize(
        "file",
        ["eurostat_asylum_applicants_monthly.csv", "eurostat_first_time_applicants_quarterly.csv"],
    )
    def test_are_none_of_the_public_figures_at_any_cutoff(self, shared, file):
        # Malta in April 2011 comes nearest: 28 times the highest month of the year before.
        whole = read_series(shared / "data" / file)

        for end in whole.periods:
            assert isolated_figures(whole.until(end + 2)) == ()

    def test_of_public_figures_times_a_thousand_are_missed_beside_a_true_peak_alone(self, shared):
        whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
        missed = set()
        for row, column in product(range(15), range(12, 136, 5)):
            persons = whole.persons.copy()
            persons[row, column] *= 1_000
            if persons[row, column] >= 5_000 and not isolated_figures(
                replace(whole, persons=persons)
            ):
                missed.add((whole.series_ids[row], str(whole.periods[column])))

        # Within a year of Malta's April 2011.
        assert missed == {("MT", f"20{month}") for month in ("10-04", "10-09", "11-02", "11-07")}


class TestNeighboursInThePool:
    def test_move_by_less_than_a_hundredth_when_a_last_month_is_a_thousandfold(self, shared):
        whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
        cutoff = np.datetime64("2012-12")
        known = whole.until(cutoff)
        dutch = known.series_ids.index("NL")
        persons = known.persons.copy()
        persons[dutch, -1] *= 1_000
        wild = replace(known, persons=persons)

        before, after = (
            forecast_members(panel, cutoff, members=(Pooled,), horizon=24).log_quantiles["pooled"]
            for panel in (known, wild)
        )
        # The known-bad control: the pool learns from the figure as it stands.
        spoilt = Pooled().fit(wild).log_quantiles(24)

        others = np.arange(len(known.series_ids)) != dutch
        medians = np.abs(after - before)[others, :, 11]
        assert medians.max() < 0.01
        assert np.abs(spoilt - before)[others, :, 11].max() > 5 * medians.max()

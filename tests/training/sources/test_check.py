# SPDX-License-Identifier: EUPL-1.2
"""The accuracy of the monthly estimates, and that the documentation states it."""

from pathlib import Path

import pytest

from training.sources.reference.check import Accuracy, accuracy, latest, report

ROOT = Path(__file__).resolve().parents[3]


class TestAccuracy:
    def test_counts_error_as_estimate_less_printed(self):
        found = Accuracy.of([(110, 100), (190, 200)], what="-", method="-", hidden="one")

        assert found.months == 2
        assert found.mean_error == pytest.approx(7.5)
        assert found.bias == pytest.approx(0)
        assert found.largest == pytest.approx(10)

    def test_favours_denton_where_the_indicator_covers_only_a_part(self):
        found = {(row.what, row.method, row.hidden): row for row in accuracy(latest())}
        recent = "first applications from 2019-04"

        denton, chow_lin = (found[recent, method, "all"] for method in ("Denton", "Chow-Lin"))
        assert denton.mean_error < 4 < chow_lin.mean_error
        assert denton.largest < chow_lin.largest

    def test_hiding_a_month_never_leaves_it_as_printed(self):
        known = latest()
        month = 12 * 2022 + 4

        hidden = known.without(["nl.inflow.total"], [month - 1])

        assert month - 1 in known.of("nl.inflow.total")
        assert month - 1 not in hidden.of("nl.inflow.total")
        assert hidden.of("nl.inflow.first_application") == known.of("nl.inflow.first_application")


class TestReport:
    def test_gives_the_tables_that_the_documentation_states(self):
        methods = (ROOT / "docs" / "methods.md").read_text("utf-8")

        tables = report().strip().split("\n\n")

        assert len(tables) == 3
        for table in tables:
            assert table in methods

# SPDX-License-Identifier: EUPL-1.2
"""The series file and the forecast file: what is read, what is refused, what is written."""

import csv

import numpy as np
import pytest

from models.errors import InvalidFile
from models.periods import Frequency
from models.types import LEVELS
from training.series_file import QuantileForecast, read_series, write_forecasts

HEADER = "series_id,period,persons,vintage\n"


def written(folder, text, encoding="utf-8"):
    path = folder / "series.csv"
    path.write_bytes(text.encode(encoding))
    return path


def faults_of(path):
    with pytest.raises(InvalidFile) as caught:
        read_series(path)
    return [(fault.line, fault.column) for fault in caught.value.faults]


class TestReadingASeriesFile:
    def test_reads_months_sorted_by_name_and_leaves_gaps_open(self, tmp_path):
        rows = "NL,2024-01-01,10,x\nBE,2024-03-01,7,x\nNL,2024-02-01,0,x\nNL,2024-05-01,12,x\n"

        panel = read_series(written(tmp_path, HEADER + rows))

        assert panel.series_ids == ("BE", "NL")
        assert panel.frequency is Frequency.MONTH
        assert str(panel.periods[0]) == "2024-01"
        np.testing.assert_array_equal(panel.persons[1], [10, 0, np.nan, np.nan, 12])

    def test_takes_figures_that_only_begin_quarters_for_quarters(self, tmp_path):
        panel = read_series(written(tmp_path, HEADER + "NL,2024-01-01,10,\nNL,2024-07-01,9,\n"))

        assert panel.frequency is Frequency.QUARTER
        np.testing.assert_array_equal(panel.persons, [[10, np.nan, 9]])

    def test_takes_an_empty_cell_for_unknown_and_not_for_zero(self, tmp_path):
        panel = read_series(written(tmp_path, HEADER + "A,2024-02-01,,\nA,2024-03-01,5,\n"))

        np.testing.assert_array_equal(panel.persons, [[5]])

    def test_names_every_fault_with_its_line_and_column(self, tmp_path):
        rows = [
            "A,2024-01-01,10,",
            "A,2024-01-01,11,",
            "A,2024-02-01,many,",
            "A,2024-03-01,-1,",
            "A,2024-04-01,inf,",
            "A,2024-05-17,1,",
            "A,2199-01-01,1,",
            ",2024-06-01,1,",
            "A,juni,1,",
        ]

        faults = faults_of(written(tmp_path, HEADER + "\n".join(rows)))

        assert faults == [
            (3, "period"),
            (4, "persons"),
            (5, "persons"),
            (6, "persons"),
            (7, "period"),
            (8, "period"),
            (9, "series_id"),
            (10, "period"),
        ]

    def test_refuses_a_file_without_the_columns(self, tmp_path):
        assert faults_of(written(tmp_path, "series_id,month\nA,1\n")) == [
            (1, "period"),
            (1, "persons"),
        ]

    def test_refuses_text_that_is_not_utf8_and_says_where(self, tmp_path):
        path = written(tmp_path, HEADER + "A,2024-01-01,1,\nCôte,2024-01-01,1,\n", "latin-1")

        assert faults_of(path) == [(3, None)]

    @pytest.mark.parametrize("text", ["", HEADER], ids=["empty", "header only"])
    def test_refuses_a_file_without_figures(self, tmp_path, text):
        assert faults_of(written(tmp_path, text))

    def test_refuses_a_file_that_is_not_there(self, tmp_path):
        assert faults_of(tmp_path / "nowhere.csv") == [(None, None)]

    def test_reads_the_public_files(self, shared):
        monthly = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
        quarterly = read_series(shared / "data/eurostat_first_time_applicants_quarterly.csv")

        assert (monthly.frequency, monthly.persons.shape) == (Frequency.MONTH, (15, 136))
        assert (quarterly.frequency, quarterly.persons.shape) == (Frequency.QUARTER, (13, 72))


class TestWritingAForecastFile:
    def test_writes_one_row_per_series_period_and_level(self, tmp_path):
        forecast = QuantileForecast(
            cutoff=np.datetime64("2013-12"),
            series_ids=("NL", "BE"),
            frequency=Frequency.QUARTER,
            origins=np.array(["2013-10", "2013-07"], dtype="datetime64[M]"),
            persons=np.arange(2 * 3 * len(LEVELS), dtype=float).reshape(2, 3, -1),
        )

        write_forecasts(tmp_path / "f.csv", [forecast])

        with (tmp_path / "f.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 2 * 3 * 23
        assert rows[0] == {
            "series_id": "NL",
            "cutoff": "2013-12-01",
            "horizon": "1",
            "period": "2014-01-01",
            "level": "0.01",
            "value": "0.0000",
        }
        assert rows[-1] == {
            "series_id": "BE",
            "cutoff": "2013-12-01",
            "horizon": "3",
            "period": "2014-04-01",
            "level": "0.99",
            "value": "137.0000",
        }

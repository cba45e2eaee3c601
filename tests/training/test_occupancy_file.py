# SPDX-License-Identifier: EUPL-1.2
"""The occupancy file: what is read, and what is refused with its line and column."""

from datetime import date

import pytest

from models.errors import InvalidFile
from training.occupancy_file import read_occupancy


def written(folder, text, *, encoding="utf-8"):
    path = folder / "occupancy.csv"
    path.write_bytes(text.encode(encoding))
    return path


class TestReadOccupancy:
    def test_reads_any_dates_in_order_of_day(self, tmp_path):
        path = written(
            tmp_path,
            "series_id,date,persons,note\nnl,2023-01-02,51701,\nnl,2022-12-05,51805,later\n",
        )

        (points,) = read_occupancy(path).values()

        assert [(point.day, point.persons) for point in points] == [
            (date(2022, 12, 5), 51805),
            (date(2023, 1, 2), 51701),
        ]

    def test_takes_a_figure_for_no_more_exact_than_its_trailing_zeros(self, tmp_path):
        path = written(
            tmp_path, "series_id,date,persons\nnl,2023-01-02,51701\nnl,2023-04-03,50000\n"
        )

        exact, rounded = read_occupancy(path)["nl"]

        assert exact.log_sd == 0.003
        assert rounded.log_sd == pytest.approx(10_000 / 12**0.5 / 50_000)

    def test_reads_every_figure_of_toronto(self, shared):
        points = read_occupancy(shared / "data/other/toronto_refugee_shelter_occupancy.csv")

        assert {name: len(known) for name, known in points.items()} == {"toronto": 72}

    def test_tells_every_fault_with_line_and_column(self, tmp_path):
        path = written(
            tmp_path,
            "series_id,date,persons\nnl,2023-13-02,many\n,2023-01-02,-5\nnl,2023-02-01,nan\n",
        )

        with pytest.raises(InvalidFile) as caught:
            read_occupancy(path)

        assert [(fault.line, fault.column) for fault in caught.value.faults] == [
            (2, "date"),
            (2, "persons"),
            (3, "series_id"),
            (3, "persons"),
            (4, "persons"),
        ]

    def test_leaves_out_a_figure_that_is_not_known(self, tmp_path):
        path = written(tmp_path, "series_id,date,persons\nnl,2023-01-02,\nnl,2023-02-01,6\n")

        (points,) = read_occupancy(path).values()

        assert [point.day for point in points] == [date(2023, 2, 1)]

    def test_refuses_a_figure_of_a_day_that_is_still_to_come(self, tmp_path):
        path = written(tmp_path, "series_id,date,persons\nnl,2023-01-02,5\nnl,2023-01-03,6\n")

        with pytest.raises(InvalidFile, match=r"line 3, column 'date': lies outside"):
            read_occupancy(path, latest=date(2023, 1, 2))

    def test_refuses_a_folder(self, tmp_path):
        with pytest.raises(InvalidFile, match="cannot be read"):
            read_occupancy(tmp_path)

    def test_refuses_two_figures_of_one_day(self, tmp_path):
        path = written(tmp_path, "series_id,date,persons\nnl,2023-01-02,5\nnl,2023-01-02,6\n")

        with pytest.raises(InvalidFile, match=r"line 3, column 'date'.*second figure"):
            read_occupancy(path)

    def test_names_every_column_that_is_missing(self, tmp_path):
        with pytest.raises(InvalidFile) as caught:
            read_occupancy(written(tmp_path, "series_id,day\nnl,2023-01-02\n"))

        assert [fault.column for fault in caught.value.faults] == ["date", "persons"]

    @pytest.mark.parametrize(
        ("text", "encoding", "reason"),
        [
            ("series_id,date,persons\n", "utf-8", "holds no figures"),
            ("series_id,date,persons\n\u00e9,2023-01-02,5\n", "latin-1", "UTF-8"),
            ("", "utf-8", "series_id"),
            ("series_id,date,persons\nnl,1023-01-02,5\n", "utf-8", "outside 1950"),
        ],
    )
    def test_refuses_what_is_no_occupancy_file(self, tmp_path, text, encoding, reason):
        with pytest.raises(InvalidFile, match=reason):
            read_occupancy(written(tmp_path, text, encoding=encoding))

    def test_refuses_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(InvalidFile, match="does not exist"):
            read_occupancy(tmp_path / "none.csv")

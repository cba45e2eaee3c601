# SPDX-License-Identifier: EUPL-1.2
"""The CBS table: what is read from it, and which answers are not the table we know."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Status
from models.errors import InvalidInput, SourceUnavailable
from tests.figures import NOW
from tests.training.sources.local_server import Answer, serving
from tests.training.sources.recorded import FIGURES, cbs, cbs_rows, cbs_sets
from training.sources.cbs import NATIONALITIES, read_cbs
from training.sources.http import Patience, Publisher
from training.sources.reference.tables import definitions
from training.store.records import KnownBasis

ROWS = len(cbs_rows())
QUICK = Patience(connect=1.0, silence=1.0, total=5.0, pause=0.01, attempts=2)


def read(answers):
    with (
        serving(answers) as server,
        Publisher("CBS 83102NED", server.url, rng=np.random.default_rng(1), patience=QUICK) as cbs,
    ):
        return read_cbs(cbs, now=NOW), server.asked


@pytest.fixture(scope="module")
def published():
    return read(cbs())[0]


def edit(name, change):
    """The table with one entity set changed in place."""
    sets = cbs_sets()
    change(sets[name])
    return cbs(sets)


def december(rows):
    """The row of Syria, all sexes and ages, December 2025."""
    return next(
        row
        for row in rows
        if row["Geslacht"] == "T001038"
        and row["Nationaliteit"].strip() == "NAT9444"
        and row["Perioden"] == "2025MM12"
    )


class TestTheFigures:
    def test_are_those_that_cbs_published_of_the_same_series(self, published):
        read_back = {(row.series_id, row.period): row.value for row in published.observations}

        assert read_back == {key: FIGURES[key] for key in read_back}
        assert (
            read_back["nl.inflow.first_application.sy", date(2025, 12, 1)]
            == FIGURES["nl.inflow.first_application.sy", date(2025, 12, 1)]
        )
        assert read_back["nl.inflow.first_application.quarterly.cbs", date(2020, 4, 1)] == 1255
        assert read_back["nl.inflow.family_reunification.quarterly", date(2020, 4, 1)] == 260
        assert read_back["nl.inflow.first_application.cbs", date(2020, 4, 1)] == 275
        assert read_back["nl.inflow.first_application.cbs.annual", date(2024, 1, 1)] == 32175
        assert read_back["nl.inflow.first_application.sy.annual", date(2024, 1, 1)] == 11525

    def test_are_all_there(self, published):
        # Two flows: of seven nationalities by month and year, of all by quarter and year, and the
        # months of which CBS printed the total.
        by_nationality, of_all, printed = 2 * 7 * (132 + 1), 2 * (2 + 1), 4 + 1

        assert len(published.observations) == by_nationality + of_all + printed

    def test_belong_to_series_that_mean_what_they_mean_in_the_reference_figures(self, published):
        reference = {entry.series_id: entry for entry in definitions()}

        assert all(entry == reference[entry.series_id] for entry in published.definitions)

    def test_are_known_from_the_moment_that_the_table_names(self, published):
        moments = {(row.known_at, row.known_basis) for row in published.observations}

        assert moments == {(datetime(2026, 1, 30, 2, tzinfo=UTC), KnownBasis.STATED)}

    def test_are_provisional_until_cbs_says_otherwise(self, published):
        firm = {row.period.year for row in published.observations if row.status == Status.OBSERVED}
        status_of_2025 = {row.status for row in published.observations if row.period.year == 2025}

        assert firm == set(range(2015, 2025))
        assert status_of_2025 == {Status.PROVISIONAL}

    def test_of_other_sexes_and_nationalities_are_left_out_whatever_the_filter_did(self, published):
        assert {row.series_id.rsplit(".", 1)[1] for row in published.observations} <= {
            *NATIONALITIES,
            "cbs",
            "annual",
            "quarterly",
        }

    def test_that_cbs_left_empty_stay_empty(self, published):
        assert not [row for row in published.observations if "repeat" in row.series_id]


class TestPaging:
    @pytest.mark.parametrize("page", [400, ROWS - 1, ROWS])
    def test_gives_the_same_figures_whatever_the_pages(self, published, page: int):
        assert read(cbs(page=page))[0] == published

    def test_asks_for_each_page_once(self):
        _, asked = read(cbs(page=1_000))

        skips = [one.query.get("$skip") for one in asked if one.path == "TypedDataSet"]
        assert skips == [None, ["1000"], ["2000"]]

    def test_asks_only_for_the_totals_of_sex_and_age(self):
        _, asked = read(cbs())

        (question,) = [one.query["$filter"][0] for one in asked if one.path == "TypedDataSet"]
        assert question.startswith(
            "startswith(Geslacht,'T001038') and startswith(Leeftijd,'10000') and ("
        )
        assert "startswith(Nationaliteit,'NAT9444')" in question
        assert "NAT9351" not in question

    def test_that_goes_round_in_circles_is_refused(self):
        circle = Answer.of({"value": [], "odata.nextLink": "https://elsewhere.example/?$skip=1"})

        with pytest.raises(InvalidInput, match="pages that do not end"):
            read(circle)

    def test_never_follows_a_link_to_another_address(self):
        # The links of the recorded answers name the real address of CBS; all questions came here.
        _, asked = read(cbs(page=1_000))

        assert len(asked) == 2 + 3 + 3

    def test_whose_last_page_is_lost_is_refused(self):
        with pytest.raises(InvalidInput, match="1 rows too few; the answer is cut off"):
            read(edit("TypedDataSet", lambda rows: rows.remove(december(rows))))


class TestAnAnswerThatIsNotTheTableWeKnow:
    @pytest.mark.parametrize(
        ("name", "change", "reason"),
        [
            ("TableInfos", list.clear, "another table"),
            ("TableInfos", lambda rows: rows[0].update(Identifier="80059NED"), "another table"),
            ("TableInfos", lambda rows: rows[0].pop("Modified"), "when it was published"),
            (
                "TableInfos",
                lambda rows: rows[0].update(Modified="gisteren"),
                "when it was published",
            ),
            ("TableInfos", lambda rows: rows[0].update(Modified="2199-01-01T00:00:00"), "future"),
            (
                "TableInfos",
                lambda rows: rows[0].update(Modified="2025-12-31T23:00:00"),
                "not ended",
            ),
            ("DataProperties", lambda rows: rows.pop(0), "no dimension Geslacht"),
            ("DataProperties", lambda rows: rows.pop(), "0 columns Nareizigers"),
            ("DataProperties", lambda rows: rows.append({"Key": "Nareizigers_9"}), "2 columns"),
            ("Nationaliteit", lambda rows: rows.pop(0), "no nationality 'total'"),
            ("Nationaliteit", lambda rows: rows.pop(4), "no nationality 'sy'"),
            ("Nationaliteit", lambda rows: rows[8].update(Title="Irak"), "under two codes"),
            ("Nationaliteit", lambda rows: rows[1].update(Key="X') or (1 eq 1"), "without a code"),
            ("Perioden", lambda rows: rows[0].update(Key="2025MM13"), "'2025MM13'"),
            ("Perioden", lambda rows: rows[0].update(Key="2025KW05"), "'2025KW05'"),
            ("Perioden", lambda rows: rows[0].update(Key="2025X000"), "'2025X000'"),
            ("Perioden", lambda rows: rows.pop(0), "a period not on its list"),
            ("TypedDataSet", list.clear, "rows too few"),
            ("TypedDataSet", lambda rows: rows.append(december(rows)), "twice"),
            ("TypedDataSet", lambda rows: december(rows).pop("NareizigersPersonen_4"), "without"),
            ("TypedDataSet", lambda rows: december(rows).pop("Nationaliteit"), "rows too few"),
            *(
                (
                    "TypedDataSet",
                    lambda rows, cell=cell: december(rows).update(NareizigersPersonen_4=cell),
                    "number",
                )
                for cell in (-5, 2.5, 1e12, 10**400, "140", True, [140])
            ),
        ],
    )
    def test_is_refused_whole(self, name: str, change, reason: str):
        with pytest.raises(InvalidInput, match=reason):
            read(edit(name, change))

    @pytest.mark.parametrize("content", [[], {}, {"value": None}, {"value": [1]}, 7, None])
    def test_is_refused_without_rows(self, content: object):
        with pytest.raises(InvalidInput, match="without a list of rows"):
            read(Answer.of(content))

    def test_is_refused_without_any_figure(self):
        def empty(rows):
            for row in rows:
                row.update(
                    dict.fromkeys(("EersteAsielverzoekenPersonen_2", "NareizigersPersonen_4"))
                )

        with pytest.raises(InvalidInput, match="no figure that is asked for"):
            read(edit("TypedDataSet", empty))

    def test_is_not_used_when_the_table_was_renewed_in_between(self):
        before, after = cbs_sets(), cbs_sets()
        after["TableInfos"][0]["Modified"] = "2026-02-27T02:00:00"

        def renewed(asked, times):
            return cbs(after if asked.path == "TableInfos" and times else before)(asked, times)

        with pytest.raises(SourceUnavailable, match="was renewed while it was being read"):
            read(renewed)

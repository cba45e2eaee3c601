# SPDX-License-Identifier: EUPL-1.2
"""The Eurostat table: what is read from it, and which answers are not what was asked for."""

import csv
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Status
from models.errors import InvalidInput
from tests.figures import NOW
from tests.training.sources.local_server import Answer, serving
from tests.training.sources.recorded import dutch_months, eurostat
from training.sources.eurostat import COUNTRIES, read_eurostat
from training.sources.http import Patience, Publisher
from training.sources.reference.tables import definitions
from training.store.records import KnownBasis

QUICK = Patience(connect=1.0, silence=1.0, total=5.0, pause=0.01, attempts=2)
DUTCH = "nl.inflow.asylum_applications"
SIX = [f"2018-{month}" for month in (11, 12)] + [f"2019-0{month}" for month in (1, 2, 3, 4)]


def read(content, countries=("NL",)):
    with (
        serving(Answer.of(content)) as server,
        Publisher("Eurostat", server.url, rng=np.random.default_rng(1), patience=QUICK) as eurostat,
    ):
        return read_eurostat(eurostat, now=NOW, countries=countries), server.asked


@pytest.fixture(scope="module")
def published():
    return read(eurostat())[0]


def categories(content, name, codes):
    """Give a dimension other categories."""
    content["dimension"][name]["category"]["index"] = codes
    content["size"][content["id"].index(name)] = len(codes)


class TestTheFigures:
    def test_are_those_that_eurostat_published(self, published):
        read_back = [(f"{row.period:%Y-%m}", row.value) for row in published.observations]

        assert read_back == sorted(dutch_months(DUTCH))
        assert read_back[-1] == ("2019-04", 2125.0)

    def test_belong_to_the_series_of_the_reference_figures(self, published):
        (definition,) = published.definitions

        assert definition in definitions()
        assert {row.series_id for row in published.observations} == {definition.series_id}

    def test_are_known_from_the_moment_that_the_table_names_in_utc(self, published):
        moments = {(row.known_at, row.known_basis) for row in published.observations}

        assert moments == {(datetime(2019, 8, 20, 21, tzinfo=UTC), KnownBasis.STATED)}

    @pytest.mark.parametrize(
        ("flag", "status"),
        [
            ("p", Status.PROVISIONAL),
            ("e", Status.ESTIMATED),
            ("bep", Status.ESTIMATED),
            ("s", Status.ESTIMATED),
            ("b", Status.OBSERVED),
            ("bd", Status.OBSERVED),
            ("u", Status.PROVISIONAL),
            ("?", Status.PROVISIONAL),
        ],
    )
    def test_are_as_firm_as_their_flag_says(self, flag: str, status: Status):
        published, _ = read(eurostat(status={"5": flag}))

        *earlier, last = published.observations
        assert last.status == status
        assert {row.status for row in earlier} == {Status.OBSERVED}

    def test_that_are_not_available_are_left_out(self):
        content = eurostat(status={"2": ":", "3": ":"})
        del content["value"]["2"]
        content["value"]["3"] = None

        published, _ = read(content)

        months = [f"{row.period:%Y-%m}" for row in published.observations]
        assert months == [*SIX[:2], *SIX[4:]]

    def test_may_be_written_one_by_one(self, published):
        content = eurostat()
        content["value"] = [*content["value"].values(), *[None] * 6]

        assert read(content)[0] == published

    def test_follow_the_order_that_the_answer_gives_its_categories(self, published):
        content = eurostat()
        backwards = content["dimension"]["time"]["category"]["index"]
        for month in backwards:
            backwards[month] = 5 - backwards[month]
        content["value"] = {str(5 - int(place)): cell for place, cell in content["value"].items()}

        assert read(content)[0] == published

    def test_of_first_time_applicants_have_their_own_series(self, published):
        # No month of them is printed in the reference figures: these are those of all applicants.
        content = eurostat()
        content["value"] |= {str(int(place) + 6): cell for place, cell in content["value"].items()}

        both, _ = read(content)

        first = [row for row in both.observations if row.series_id.startswith("eurostat.")]
        assert {row.series_id for row in first} == {"eurostat.nl.inflow.first_application"}
        assert [row.value for row in first] == [row.value for row in published.observations]

    def test_of_other_countries_have_series_of_their_own(self, shared):
        with (shared / "data" / "eurostat_asylum_applicants_monthly.csv").open() as file:
            panel = {
                (row["series_id"], row["period"][:7]): float(row["persons"])
                for row in csv.DictReader(file)
                if row["period"][:7] in SIX
            }
        content = eurostat()
        categories(content, "applicant", ["ASY_APP"])
        categories(content, "geo", list(COUNTRIES))
        cells = (panel.get((country, month)) for country in COUNTRIES for month in SIX)
        content["value"] = {str(p): cell for p, cell in enumerate(cells) if cell is not None}

        published, _ = read(content, COUNTRIES)

        read_back = {
            (row.series_id, f"{row.period:%Y-%m}"): row.value for row in published.observations
        }
        assert len(read_back) == len(panel)
        assert (
            read_back["eurostat.de.inflow.asylum_applications", "2019-01"] == panel["DE", "2019-01"]
        )
        assert read_back[DUTCH, "2019-01"] == panel["NL", "2019-01"]
        germany = next(entry for entry in published.definitions if ".de." in entry.series_id)
        assert (germany.place.code, germany.group, germany.unit) == (
            "DE",
            "asylum_applications",
            "persons",
        )

    def test_are_asked_for_by_country_and_total(self):
        _, (asked,) = read(eurostat())

        assert asked.query == {
            "format": ["JSON"],
            "lang": ["EN"],
            "freq": ["M"],
            "unit": ["PER"],
            "citizen": ["TOTAL"],
            "sex": ["T"],
            "age": ["TOTAL"],
            "applicant": ["ASY_APP", "FRST"],
            "geo": ["NL"],
        }


class TestAnAnswerThatWasNotAskedFor:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda it: it.clear(), "JSON-stat data set"),
            (lambda it: it.update({"class": "collection"}), "JSON-stat data set"),
            (lambda it: it.pop("id"), "without dimensions"),
            (lambda it: it.pop("dimension"), "without dimensions"),
            (lambda it: it["id"].remove("sex"), "no dimension sex"),
            (lambda it: it["id"].append("colour"), "do not know, colour"),
            (lambda it: it["dimension"].pop("geo"), "does not order the categories of geo"),
            (lambda it: categories(it, "time", dict.fromkeys(SIX, 0)), "order the categories"),
            (
                lambda it: categories(it, "time", [*SIX[:5], SIX[0]]),
                "names a category of time twice",
            ),
            (lambda it: it["size"].__setitem__(7, 7), "size of its dimensions"),
            (lambda it: categories(it, "sex", ["F"]), "another sex than T"),
            (lambda it: categories(it, "citizen", ["SY"]), "another citizen than TOTAL"),
            (lambda it: categories(it, "applicant", ["ASY_APP", "X"]), "applicants that were not"),
            (lambda it: categories(it, "geo", ["BE"]), "'BE', which was not asked for"),
            (lambda it: categories(it, "time", [*SIX[:5], "2019-13"]), "period '2019-13'"),
            (lambda it: categories(it, "time", [*SIX[:5], "2199-01"]), "period '2199-01'"),
            (lambda it: categories(it, "time", [*SIX[:5], "2019-08"]), "had not ended"),
            (lambda it: it.pop("value"), "without cells"),
            (lambda it: it.update(value=[1]), "1 cells of 12"),
            (lambda it: it["value"].update({"12": 5}), "cell '12' that does not exist"),
            (lambda it: it["value"].update({"-1": 5}), "cell '-1' that does not exist"),
            (lambda it: it["value"].update({"9" * 5_000: 5}), "does not exist"),
            (lambda it: it["value"].update({"05": 5}), "cell 5 twice"),
            (lambda it: it.update(value={}), "without any figure of NL"),
            (lambda it: it.update(status=7), "without cells"),
            (lambda it: it.pop("updated"), "when it was published"),
            (lambda it: it.update(updated="2199-01-01T00:00:00Z"), "in the future"),
            *(
                (lambda it, cell=cell: it["value"].update({"3": cell}), "number")
                for cell in (-5, 2.5, 1e12, "2160", True, {})
            ),
        ],
    )
    def test_is_refused_whole(self, change, reason: str):
        content = eurostat()
        change(content)

        with pytest.raises(InvalidInput, match=reason):
            read(content)

    @pytest.mark.parametrize("content", [[], 7, None, "busy", {"error": [{"status": 413}]}])
    def test_is_refused_where_it_is_no_data_set(self, content: object):
        with pytest.raises(InvalidInput, match="JSON-stat data set"):
            read(content)

    def test_is_refused_where_a_country_is_missing(self):
        with pytest.raises(InvalidInput, match="without any figure of DE"):
            read(eurostat(), ("NL", "DE"))

    @pytest.mark.parametrize("code", ["", "nl", "NLD", "N&", "ΝΛ"])
    def test_is_not_asked_for_a_country_that_is_no_code(self, code: str):
        with pytest.raises(InvalidInput, match="not a country code"):
            read(eurostat(), ("NL", code))

    def test_is_not_asked_for_no_country(self):
        with pytest.raises(InvalidInput, match="Nothing is not a country code"):
            read(eurostat(), ())


def test_a_month_is_named_by_its_first_day(published):
    assert published.observations[0].period == date(2018, 11, 1)

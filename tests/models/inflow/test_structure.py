# SPDX-License-Identifier: EUPL-1.2
"""Total and components: every path adds up, on real European counts and any hierarchy."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import InvalidInput
from models.inflow.baselines import LogRandomWalk
from models.inflow.structure import Structure, rest_of
from models.periods import Frequency, month_range
from models.types import Panel
from training.series_file import read_series

WEST = ("AT", "BE", "CH", "DE", "FR", "NL")
SOUTH = ("EL", "MT", "PT")
EUROPE = {"europe": ("west", "south"), "west": WEST, "south": SOUTH}


@pytest.fixture(scope="module")
def europe(shared):
    """Nine countries of Eurostat, their two regions and all together, as sums of the rows."""
    countries = read_series(shared / "data" / "eurostat_asylum_applicants_monthly.csv")
    west, south = (countries.select(names).persons.sum(axis=0) for names in (WEST, SOUTH))
    parts = countries.select([*WEST, *SOUTH])
    return replace(
        parts,
        series_ids=(*parts.series_ids, "west", "south", "europe"),
        persons=np.vstack([parts.persons, west, south, west + south]),
    )


def futures(panel, *wholes, paths=200, horizon=18):
    walk = LogRandomWalk().fit(panel.select(wholes))
    return walk.sample(horizon, paths=paths, rng=np.random.default_rng(1))


def sampled(panel, hierarchy, wholes, *, seed=7):
    return Structure.learn(panel, hierarchy).sample(wholes, rng=np.random.default_rng(seed))


def without(panel, series_id, periods):
    """The panel with some periods of one series unknown."""
    persons = panel.persons.copy()
    persons[panel.series_ids.index(series_id), periods] = np.nan
    return replace(panel, persons=persons)


def assert_adds_up(found, parts):
    for whole, names in parts.items():
        total = np.zeros_like(found.of(whole))
        for name in names:
            total += found.of(name)
        assert np.array_equal(total, found.of(whole)), whole


class TestAddingUp:
    def test_every_path_and_month_to_the_last_digit(self, europe):
        found = sampled(europe, EUROPE, futures(europe, "europe"))

        assert_adds_up(found, EUROPE)
        assert (found.persons >= 0).all()

    def test_leaves_the_futures_of_the_total_as_they_are(self, europe):
        total = futures(europe, "europe")

        found = sampled(europe, EUROPE, total)

        assert found.series_ids[0] == "europe"
        assert np.array_equal(found.of("europe"), total.of("europe"))
        assert set(found.series_ids) == set(europe.series_ids)

    def test_does_not_depend_on_the_order_of_parts_or_wholes(self, europe):
        total = futures(europe, "europe")
        turned = {
            "south": SOUTH[::-1],
            "west": WEST[::-1],
            "europe": ("south", "west"),
        }

        one, other = sampled(europe, EUROPE, total), sampled(europe, turned, total)

        for name in europe.series_ids:
            assert np.array_equal(one.of(name), other.of(name)), name

    def test_grows_every_part_as_the_whole_grows(self, europe):
        total = futures(europe, "europe")
        tenfold = replace(europe, persons=10 * europe.persons)

        one = sampled(europe, EUROPE, total)
        ten = sampled(tenfold, EUROPE, replace(total, persons=10 * total.persons))

        np.testing.assert_allclose(ten.persons, 10 * one.persons, atol=0.1)

    def test_divides_several_wholes_and_passes_over_what_is_no_whole(self, europe):
        found = sampled(europe, {"west": WEST}, futures(europe, "south", "west"))

        assert found.series_ids == ("south", "west", *WEST)
        assert_adds_up(found, {"west": WEST})

    def test_works_by_quarter(self, shared):
        quarters = read_series(shared / "data" / "eurostat_first_time_applicants_quarterly.csv")
        names = quarters.series_ids
        panel = replace(
            quarters,
            series_ids=(*names, "all"),
            persons=np.vstack([quarters.persons, quarters.persons.sum(axis=0)]),
        )

        found = sampled(panel, {"all": names}, futures(panel, "all", horizon=8))

        assert len(names) > 3
        assert_adds_up(found, {"all": names})


class TestUnknown:
    def test_walks_through_the_months_in_which_a_part_is_not_known_yet(self, europe):
        late = without(europe, "DE", slice(-5, None))
        total = futures(europe, "europe")

        structure = Structure.learn(late, EUROPE)
        found = structure.sample(total, rng=np.random.default_rng(7))
        spread = np.std(np.log(found.of("DE")[:, 0] / found.of("west")[:, 0]))
        prompt = sampled(europe, EUROPE, total)

        assert_adds_up(found, EUROPE)
        assert structure.until["DE"] == europe.periods[-6]
        assert structure.until["MT"] == europe.periods[-1]
        assert spread > 1.5 * np.std(np.log(prompt.of("DE")[:, 0] / prompt.of("west")[:, 0]))

    def test_reaches_the_parts_of_a_part_that_is_known_longer_than_its_whole_is_divided(
        self, europe
    ):
        late = without(europe, "south", slice(-4, None))

        found = sampled(late, EUROPE, futures(europe, "europe"))

        assert_adds_up(found, EUROPE)

    def test_looks_at_nothing_after_the_last_figure_of_the_total(self, europe):
        total = futures(europe.until(np.datetime64("2018-12")), "europe")
        cut = without(europe, "europe", europe.periods > np.datetime64("2018-12"))
        later = cut.persons.copy()
        later[:-1, europe.periods > np.datetime64("2018-12")] *= 9

        before, after = (
            sampled(panel, EUROPE, total) for panel in (cut, replace(cut, persons=later))
        )

        assert np.array_equal(before.persons, after.persons)

    def test_takes_together_what_is_too_short_to_tell_apart(self, europe):
        short = without(europe, "MT", slice(0, -23))

        structure = Structure.learn(short, EUROPE)
        found = structure.sample(futures(europe, "europe"), rng=np.random.default_rng(1))

        assert structure.left_out == ("MT",)
        assert structure.parts["south"] == ("EL", "PT", rest_of("south"))
        assert_adds_up(found, structure.parts)

    def test_tells_one_known_part_from_all_the_rest(self, europe):
        only = europe.select(["DE", "europe"])

        structure = Structure.learn(only, {"europe": ("DE", "FR", "NL")})
        found = structure.sample(futures(europe, "europe"), rng=np.random.default_rng(1))

        assert structure.left_out == ("FR", "NL")
        assert_adds_up(found, {"europe": ("DE", rest_of("europe"))})

    def test_does_not_call_a_rest_that_was_announced_left_out(self, europe):
        structure = Structure.learn(europe, {"west": ("DE", rest_of("west"))})

        assert structure.left_out == ()
        assert structure.parts == {"west": ("DE", rest_of("west"))}

    def test_replaces_a_published_rest_that_is_too_short(self, europe):
        published = replace(
            europe,
            series_ids=(*europe.series_ids, rest_of("west")),
            persons=np.vstack([europe.persons, np.full(len(europe.periods), np.nan)]),
        )

        structure = Structure.learn(published, {"west": ("DE", rest_of("west"))})
        found = structure.sample(futures(europe, "west"), rng=np.random.default_rng(1))

        assert_adds_up(found, structure.parts)
        assert structure.parts == {"west": ("DE", rest_of("west"))}

    def test_divides_nothing_where_no_part_is_known_and_says_so(self, europe):
        total = futures(europe, "europe")

        structure = Structure.learn(europe.select(["europe"]), EUROPE)
        found = structure.sample(total, rng=np.random.default_rng(1))

        assert structure.left_out == tuple(sorted({"west", "south", *WEST, *SOUTH}))
        assert found.series_ids == ("europe",)

    def test_leaves_out_parts_that_were_never_known_together(self, europe):
        half = len(europe.periods) // 2
        apart = without(without(europe, "west", slice(half, None)), "south", slice(0, half))

        structure = Structure.learn(apart, {"europe": ("west", "south"), "south": SOUTH})

        assert structure.splits == ()
        assert set(structure.left_out) == {"west", "south", *SOUTH}


class TestHierarchy:
    @pytest.mark.parametrize(
        ("hierarchy", "why"),
        [
            ({"a": ("b", "c"), "d": ("c",)}, "'c' is part of more than one whole"),
            ({"a": ("b", "b")}, "'b' is part of more than one whole"),
            ({"a": ("b",), "b": ("a",)}, "a part of itself"),
        ],
    )
    def test_that_cannot_add_up_is_refused(self, hierarchy, why):
        panel = Panel(
            series_ids=("a", "b", "c", "d"),
            frequency=Frequency.MONTH,
            periods=month_range(np.datetime64("2020-01"), 30),
            persons=np.full((4, 30), 10.0),
        )

        with pytest.raises(InvalidInput, match=why):
            Structure.learn(panel, hierarchy)

    def test_refuses_paths_that_begin_before_the_parts_end(self, europe):
        early = futures(europe.until(np.datetime64("2018-01")), "europe")

        with pytest.raises(InvalidInput, match="begin before"):
            sampled(europe, EUROPE, early)

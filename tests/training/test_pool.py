# SPDX-License-Identifier: EUPL-1.2
"""A pool learned beforehand: whole, repeatable, and never used before its own time."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.errors import DamagedArtefact, InvalidInput
from models.inflow.ensemble import Ensemble
from training.dataset import champion_members
from training.fit import fit_inflow, load_inflow
from training.pool import Pool, learn_from, pool_known_by, pools_of_the_past, shipped_pool
from training.series_file import read_series

MONTHLY = "data/eurostat_asylum_applicants_monthly.csv"


@pytest.fixture(scope="module")
def shipped():
    return shipped_pool()


@pytest.fixture(scope="module")
def panel(shared):
    """The Dutch series under the name of the target, until two years after the pool's end."""
    known = read_series(shared / MONTHLY).select(["NL"])
    return type(known)(
        series_ids=("nl.inflow.total",),
        frequency=known.frequency,
        periods=known.periods,
        persons=known.persons,
    )


class TestTheShippedPool:
    def test_is_what_the_command_in_its_manifest_learns_again(self, shipped, shared):
        again = learn_from(
            read_series(shared / MONTHLY),
            source=shipped.manifest.source,
            command=shipped.manifest.command,
            code_version=shipped.manifest.code_version,
        )

        assert again.manifest.figures_sha256 == shipped.manifest.figures_sha256
        assert again.manifest.series_ids == shipped.manifest.series_ids
        for mine, theirs in zip(_numbers(again), _numbers(shipped), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-9)

    def test_holds_parameters_and_no_figure_of_any_month(self, shipped, shared):
        figures = {f"{value:g}" for value in read_series(shared / MONTHLY).persons.ravel()}
        told = {f"{value:g}" for value in _numbers(shipped)[-1]}

        large = {figure for figure in figures if figure != "nan" and float(figure) >= 1000}
        assert not large & told

    def test_survives_its_file_to_the_last_digit(self, shipped):
        assert Pool.from_bytes(shipped.to_bytes(), name="x").to_bytes() == shipped.to_bytes()

    def test_is_refused_when_one_number_was_changed_by_hand(self, shipped):
        document = json.loads(shipped.to_bytes())
        document["parameters"]["pool"]["direction"][0] += 1e-9

        with pytest.raises(DamagedArtefact):
            Pool.from_bytes(json.dumps(document).encode(), name="shipped.json")

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"manifest": {}}'])
    def test_is_refused_when_it_is_no_pool(self, content):
        with pytest.raises(DamagedArtefact):
            Pool.from_bytes(content, name="shipped.json")


class TestThePoolsOfThePast:
    def test_follow_each_other_a_year_apart_and_end_with_the_one_of_today(self, shipped):
        pools = pools_of_the_past()
        months = [pool.manifest.until for pool in pools]

        assert months == [*(f"{year}-09" for year in range(2010, 2019)), shipped.manifest.until]

    def test_saw_no_figure_after_their_last_month(self, shared):
        """The one of 2015 is learned again from a file with later figures ten times as high."""
        known = read_series(shared / MONTHLY)
        kept = next(pool for pool in pools_of_the_past() if pool.manifest.until == "2015-09")
        later = known.periods > np.datetime64("2015-09")
        poisoned = replace(known, persons=np.where(later, known.persons * 10, known.persons))
        again = learn_from(
            poisoned.until(np.datetime64("2015-09")),
            source=kept.manifest.source,
            command=kept.manifest.command,
            code_version=kept.manifest.code_version,
        )

        assert again.manifest.figures_sha256 == kept.manifest.figures_sha256
        for mine, theirs in zip(_numbers(again), _numbers(kept), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-9)

    def test_know_which_of_them_a_month_may_use(self):
        pools = pools_of_the_past()

        assert pool_known_by(np.datetime64("2010-08"), pools) is None
        assert pool_known_by(np.datetime64("2016-08"), pools).manifest.until == "2015-09"
        assert pool_known_by(np.datetime64("2016-09"), pools).manifest.until == "2016-09"


class TestLearning:
    def test_asks_for_months(self, shared):
        quarters = read_series(shared / "data/eurostat_first_time_applicants_quarterly.csv")

        with pytest.raises(InvalidInput, match="monthly"):
            learn_from(quarters, source="quarters.csv", command="", code_version="1")

    def test_asks_for_more_than_a_few_figures(self, shared):
        few = read_series(shared / MONTHLY).select(["NL"]).until(np.datetime64("2010-12"))

        with pytest.raises(InvalidInput, match="too few figures"):
            learn_from(few, source="few.csv", command="", code_version="1")


class TestFitting:
    def test_uses_no_past_cutoff_that_the_pool_has_seen_beyond(self, panel, shared):
        early = learn_from(
            read_series(shared / MONTHLY).until(np.datetime64("2015-06")),
            source="early",
            command="",
            code_version="1",
        )

        manifest, files = fit_inflow(
            panel, snapshot_sha256="0" * 64, code_version="1", seed=1, pool=early
        )

        cutoffs = [np.datetime64(cutoff) for cutoff in manifest.parameters["past_cutoffs"]]
        assert cutoffs
        assert min(cutoffs) >= np.datetime64("2015-06")
        assert manifest.parameters["pool"]["until"] == "2015-06"
        assert files["pool.json"] == _canonical(early)

    def test_lets_an_earlier_pool_speak_for_an_earlier_cutoff(self, panel):
        *earlier, last = (
            pool for pool in pools_of_the_past() if pool.manifest.until in {"2014-09", "2017-09"}
        )
        known = panel.until(np.datetime64("2018-01"))

        manifest, _ = fit_inflow(
            known,
            snapshot_sha256="0" * 64,
            code_version="1",
            seed=1,
            pool=last,
            earlier_pools=earlier,
        )

        cutoffs = manifest.parameters["past_cutoffs"]
        assert min(cutoffs) >= "2014-09"
        assert any("2014-09" <= cutoff < "2017-09" for cutoff in cutoffs)
        assert manifest.parameters["pool"]["until"] == "2017-09"

    def test_forecasts_after_loading_as_the_pool_itself_would(self, panel, shipped):
        manifest, files = fit_inflow(
            panel, snapshot_sha256="0" * 64, code_version="1", seed=1, pool=shipped
        )
        loaded = load_inflow(manifest, files)
        anew = Ensemble(
            champion_members(pool=shipped.parameters), combination=loaded.combination
        ).fit(panel)

        np.testing.assert_allclose(loaded.log_quantiles(24), anew.log_quantiles(24), rtol=1e-6)


def _numbers(pool):
    """Every number of a pool, by part, and all of them together last."""
    learned = pool.parameters
    parts = [
        learned.pool.direction,
        learned.pool.spread,
        learned.pool.quantiles.ravel(),
        *(forest.threshold.ravel() for forest in learned.forests),
        *(forest.value.ravel() for forest in learned.forests),
    ]
    return [*parts, np.concatenate(parts)]


def _canonical(pool):
    return json.dumps(
        pool.parameters.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()

# SPDX-License-Identifier: EUPL-1.2
"""The inflow artefact: plain files, the same forecast after loading, refused when damaged."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.errors import DamagedArtefact, NotFound
from training.dataset import training_panel
from training.fit import fit_inflow, load_inflow
from training.series_file import read_series


@pytest.fixture(scope="module")
def panel(shared):
    """Four public series under the names that a target and its pool have."""
    whole = read_series(shared / "data/eurostat_asylum_applicants_monthly.csv")
    few = whole.select(("NL", "BE", "LT", "CZ")).until(np.datetime64("2014-06"))
    return replace(few, series_ids=("nl.inflow.total", "be", "lt", "cz"))


def fitted(panel):
    return fit_inflow(panel, snapshot_sha256="a" * 64, code_version="test", seed=7)


@pytest.fixture(scope="module")
def artefact(panel):
    return fitted(panel)


def sampled(artefact):
    forecaster = load_inflow(*artefact)
    return forecaster.sample(60, paths=201, rng=np.random.default_rng(3))


class TestArtefact:
    def test_forecasts_the_target_alone_for_sixty_months(self, artefact):
        paths = sampled(artefact)

        assert paths.series_ids == ("nl.inflow.total",)
        assert str(paths.periods_of("nl.inflow.total")[-1]) == "2019-06"

    def test_is_the_same_bytes_for_the_same_figures(self, panel, artefact):
        manifest, files = fitted(panel)

        assert files == artefact[1]
        assert manifest.artefact_id == artefact[0].artefact_id

    def test_forecasts_the_same_after_every_loading(self, artefact):
        assert sampled(artefact).persons.tobytes() == sampled(artefact).persons.tobytes()

    def test_is_plain_json_and_names_what_it_learned_from(self, artefact):
        manifest, files = artefact

        assert all(json.loads(content) for content in files.values())
        assert manifest.data_until["nl.inflow.total"] == "2014-06-01"
        assert set(manifest.files) == set(files)

    def test_states_coverage_as_measured_on_counted_outcomes(self, artefact):
        rows = artefact[0].scores["coverage"]

        assert {row["horizon"] for row in rows} == {3, 6, 12, 24}
        assert all(0 <= row["measured"] <= 1 and row["count"] > 0 for row in rows)

    def test_is_refused_when_a_byte_of_it_changed(self, artefact):
        manifest, files = artefact
        damaged = {**files, "pool.json": files["pool.json"].replace(b"1", b"2", 1)}

        with pytest.raises(DamagedArtefact, match=r"pool\.json"):
            load_inflow(manifest, damaged)


class TestTrainingPanel:
    def test_leaves_out_series_too_short_to_learn_from(self, panel):
        persons = panel.persons.copy()
        persons[3, :-10] = np.nan

        known = training_panel(replace(panel, persons=persons))

        assert known.series_ids == ("nl.inflow.total", "be", "lt")

    def test_refuses_a_panel_without_a_target(self, panel):
        with pytest.raises(NotFound, match=r"nl\.inflow\.total"):
            training_panel(panel.select(("be", "lt")))

# SPDX-License-Identifier: EUPL-1.2
"""What comes of a model at the gate, on a real store with the Dutch series of Eurostat in it."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from models.catalogue import Measure
from models.errors import InvalidInput
from models.gate import Ruling
from models.periods import Frequency, first_day, last_day
from tests.figures import INFLOW, definition, observation
from training.admission import FILE, bring_to_the_gate
from training.chains import dutch_chain
from training.fit import fit_inflow
from training.occupancy import Method, NeedRecipe
from training.recipe import recipe_of
from training.series_file import read_series
from training.store import open_store
from training.store.gate_records import GateOutcome, ScoresFrom
from training.store.migrate import migrate
from training.train import train

KIND = "forecast"
NOW = datetime(2019, 6, 1, tzinfo=UTC)
COUNTED = "nl.occupancy.entitled"


@pytest.fixture(scope="module")
def dutch(shared):
    return read_series(shared / "data/eurostat_asylum_applicants_monthly.csv").select(["NL"])


@pytest.fixture(scope="module")
def fitted(dutch):
    """A model that was really fitted, on the last four years, and the files of it."""
    few = replace(dutch, series_ids=(INFLOW.series_id,))
    recent = replace(few, periods=few.periods[-48:], persons=few.persons[:, -48:])
    return fit_inflow(recent, snapshot_sha256="5" * 64, code_version="test", seed=1)


@pytest.fixture
def store(dutch, tmp_path):
    """The last six years, each month known on its last day."""
    url = f"sqlite:///{tmp_path / 'getij.sqlite'}"
    migrate(url)
    with open_store(url, tmp_path, clock=lambda: NOW) as store:
        counted = definition(COUNTED, measure=Measure.OCCUPANCY, frequency=Frequency.DATED)
        store.series.define([INFLOW, definition("nl.other"), counted])
        # A stock at the end of each quarter: made up, to test mechanics.
        store.observations.record(
            observation(
                8_000 + 10 * place,
                known=last_day(month).isoformat(),
                period=last_day(month).isoformat(),
                series_id=COUNTED,
            )
            for place, month in enumerate(dutch.periods[-72:])
            if str(month)[5:] in {"03", "06", "09", "12"}
        )
        store.observations.record(
            observation(
                value,
                known=last_day(month).isoformat(),
                period=first_day(month).isoformat(),
                series_id=INFLOW.series_id,
            )
            for month, value in zip(dutch.periods[-72:], dutch.persons[0, -72:], strict=True)
        )
        yield store


@pytest.fixture
def model(store, fitted):
    """Files a model whose recipe is changed as asked, and gives its id."""

    def write(seed=1, tuned_until="2019-04", need_method=None, **changes):
        manifest, files = fitted
        need = NeedRecipe(chain=dutch_chain(), method=need_method)
        recipe = replace(recipe_of(manifest, need=need), tuned_until=tuned_until, **changes)
        parameters = {**manifest.parameters, "recipe": asdict(recipe)}
        made = replace(manifest, kind=KIND, seed=seed, parameters=parameters)
        return store.artefacts.write(made, files={**files, **need.to_files()})

    return write


def bring(store, challenger, **how):
    today = store.observations.as_known_at(store.clock())
    return bring_to_the_gate(store, challenger, kind=KIND, today=today, **how)


class TestWithoutADuel:
    def test_the_first_is_published_and_recorded_as_the_first(self, store, model):
        record = bring(store, model())

        assert (record.outcome, record.champion_id, record.duel) == (GateOutcome.FIRST, None, None)
        assert store.models.champion(KIND) == record.challenger_id

    def test_the_same_recipe_learned_anew_is_a_refresh(self, store, model):
        first = bring(store, model(seed=1))
        record = bring(store, model(seed=2))

        assert (record.outcome, record.duel) == (GateOutcome.REFRESH, None)
        assert record.champion_id == first.challenger_id
        assert store.models.champion(KIND) == record.challenger_id

    def test_the_champion_itself_changes_nothing(self, store, model):
        bring(store, model())

        assert bring(store, model()) is None
        assert len(store.models.gate_records(KIND)) == 1

    def test_one_from_before_the_gate_gives_way(self, store, fitted, model):
        manifest, files = fitted
        old = store.artefacts.write(replace(manifest, kind=KIND), files=files)
        store.models.admit(old, kind=KIND, champion_id=None, outcome=GateOutcome.FIRST)
        record = bring(store, model())

        assert (record.outcome, record.champion_id) == (GateOutcome.FIRST, old)

    def test_one_whose_files_this_version_cannot_read_gives_way(self, store, model):
        current = store.artefacts.read(model())
        files = {**current.files, "pool.json": b'{"another": "form"}'}
        parameters = {**current.manifest.parameters, "pool": {"series_ids": []}}
        old = store.artefacts.write(replace(current.manifest, parameters=parameters), files=files)
        store.models.admit(old, kind=KIND, champion_id=None, outcome=GateOutcome.FIRST)

        assert bring(store, model(method=2)).outcome is GateOutcome.FIRST

    def test_one_from_before_the_need_had_a_recipe_gives_way(self, store, model):
        current = store.artefacts.read(model())
        files = {name: held for name, held in current.files.items() if name != "need.json"}
        old = store.artefacts.write(current.manifest, files=files)
        store.models.admit(old, kind=KIND, champion_id=None, outcome=GateOutcome.FIRST)

        assert bring(store, model(method=2)).outcome is GateOutcome.FIRST


class TestWithTooFewOutcomes:
    def test_the_champion_stays_and_the_challenger_is_kept_with_its_record(self, store, model):
        champion, challenger = model(), model(method=2)
        bring(store, champion)
        record = bring(store, challenger)

        assert record.outcome is GateOutcome.KEPT
        assert record.duel.verdict.ruling is Ruling.TOO_FEW
        assert record.duel.differences == ("method",)
        assert record.duel.seen_until == "2019-04"
        assert store.models.champion(KIND) == champion
        assert store.artefacts.read(challenger).files
        assert store.models.gate_records(KIND)[-1] == record

    def test_a_reason_that_is_given_lets_it_in_and_stays_on_record(self, store, model):
        bring(store, model())
        record = bring(store, model(method=2), accept_because="a fault was mended")

        assert (record.outcome, record.reason) == (GateOutcome.ACCEPTED, "a fault was mended")
        assert record.duel.verdict.ruling is Ruling.TOO_FEW
        assert store.models.champion(KIND) == record.challenger_id

    def test_one_that_comes_back_to_the_same_champion_is_not_compared_again(self, store, model):
        bring(store, model())
        first = bring(store, model(method=2))

        assert bring(store, model(method=2)) == first
        assert len(store.models.gate_records(KIND)) == 2
        accepted = bring(store, model(method=2), accept_because="a fault was mended")
        assert (accepted.outcome, accepted.duel) == (GateOutcome.ACCEPTED, first.duel)

    def test_a_reason_is_not_recorded_where_none_was_needed(self, store, model):
        record = bring(store, model(), accept_because="to be sure")

        assert (record.outcome, record.reason) == (GateOutcome.FIRST, "")

    def test_an_empty_reason_is_refused_before_anything_is_learned(self, store):
        with pytest.raises(InvalidInput, match="reason"):
            train(store, seed=1, code_version="test", accept_because="  ")

    def test_two_at_once_are_both_judged_against_who_was_champion_then(self, store, model):
        ids = [model(method=number) for number in (2, 3, 4)]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda name: bring(store, name, accept_because="a test"), ids))

        records = store.models.gate_records(KIND)
        history = [entry.artefact_id for entry in store.models.history(KIND)]
        assert sorted(history) == sorted(ids)
        assert [record.challenger_id for record in records] == history
        assert [record.champion_id for record in records] == [None, *history[:-1]]


class TestADuel:
    def test_runs_both_recipes_anew_keeps_what_they_said_and_uses_it_again(self, store, model):
        # Tuned until August 2018, so that one cutoff is left before the last figure.
        champion = model(tuned_until="2018-08")
        bring(store, champion)
        told = []
        record = bring(
            store,
            model(tuned_until="2018-08", method=2),
            progress=lambda done, total: told.append((done, total)),
        )
        again = bring(store, model(tuned_until="2018-08", method=3))

        assert record.duel.cutoffs == ("2018-12",)
        assert record.duel.champion_scores is ScoresFrom.RERUN
        assert again.duel.champion_scores is ScoresFrom.STORED
        assert again.duel.champion_forecasts == record.duel.champion_forecasts
        assert again.duel.verdict == record.duel.verdict
        # Both were run by the code of today, and it has one method: they say the same.
        assert record.duel.verdict.crps.ratio == 1.0
        assert told[-1] == (2, 2)
        kept = json.loads(store.artefacts.file(record.duel.challenger_forecasts, FILE))
        assert np.array(kept["persons"]).shape == (1, 2, 24, 23)

    def test_of_the_need_alone_is_decided_by_the_need(self, store, model):
        bring(store, model(tuned_until="2018-08"))
        record = bring(store, model(tuned_until="2018-08", need_method=Method.DIRECT))

        held = record.duel
        assert record.outcome is GateOutcome.KEPT
        assert (held.differences, held.judged) == (("need_method",), ("need",))
        # March 2019 is the one quarter that ended after the cutoff, and is counted.
        assert (held.need.outcomes, held.need.ruling) == (1, Ruling.TOO_FEW)
        assert held.need.crps.ratio != 1
        assert held.verdict.crps.ratio == 1
        assert store.models.gate_records(KIND)[-1] == record
        champion, challenger = (
            np.array(json.loads(store.artefacts.file(name, FILE))["persons"])
            for name in (held.champion_forecasts, held.challenger_forecasts)
        )
        assert (champion[:, 0] == challenger[:, 0]).all()
        assert (champion[:, 1] != challenger[:, 1]).any()


class TestAChainOfOnesOwn:
    def test_is_refused_before_anything_is_learned_when_nothing_feeds_it(self, store):
        with pytest.raises(InvalidInput, match=r"'nl' is fed by nl\.inflow\.family_reunification"):
            train(store, seed=1, code_version="test", chain=dutch_chain())

# SPDX-License-Identifier: EUPL-1.2
"""Champions and what came before the gate, held to the same rules on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models.errors import Conflict, NotFound
from tests.figures import DUEL, NOW, manifest
from training.store import Store
from training.store.gate_records import GateOutcome
from training.store.migrate import downgrade, migrate


@pytest.fixture
def model(store: Store):
    """Files an artefact with one byte in it, and gives its id."""
    return lambda content: store.artefacts.write(manifest(), files={"a.npz": content})


def admit(store: Store, challenger: str, champion: str | None, outcome: GateOutcome, **more):
    return store.models.admit(
        challenger, kind="inflow", champion_id=champion, outcome=outcome, **more
    )


class TestChampions:
    def test_keeps_every_publication_and_names_the_last(self, store, model):
        first, second = model(b"1"), model(b"2")
        admit(store, first, None, GateOutcome.FIRST)
        admit(store, second, first, GateOutcome.REFRESH)
        admit(store, first, second, GateOutcome.REPLACED, duel=DUEL)

        history = [entry.artefact_id for entry in store.models.history("inflow")]
        assert store.models.champion("inflow") == first
        assert store.models.champion("occupancy") is None
        assert history == [first, second, first]

    def test_stays_the_champion_when_a_challenger_is_turned_away(self, store, model):
        first, second = model(b"1"), model(b"2")
        admit(store, first, None, GateOutcome.FIRST)
        admit(store, second, first, GateOutcome.KEPT, duel=DUEL)

        assert store.models.champion("inflow") == first
        assert len(store.models.history("inflow")) == 1

    def test_publishes_and_records_nothing_that_is_not_there(self, store):
        with pytest.raises(NotFound):
            admit(store, "0" * 64, None, GateOutcome.FIRST)

        assert store.models.history("inflow") == ()
        assert store.models.gate_records("inflow") == ()


class TestGateRecords:
    def test_come_back_as_they_were_filed_in_their_order(self, store, model):
        first, second = model(b"1"), model(b"2")
        filed = (
            admit(store, first, None, GateOutcome.FIRST),
            admit(store, second, first, GateOutcome.KEPT, duel=DUEL),
            admit(store, second, first, GateOutcome.ACCEPTED, reason="“spoed” 1", duel=DUEL),
        )

        assert store.models.gate_records("inflow") == filed
        assert store.models.gate_records("occupancy") == ()
        assert filed[1].duel == DUEL
        assert filed[2].recorded_at == NOW

    def test_refuse_a_model_that_was_held_against_another_champion(self, store, model):
        first, second, third = model(b"1"), model(b"2"), model(b"3")
        admit(store, first, None, GateOutcome.FIRST)
        admit(store, second, first, GateOutcome.REFRESH)

        for stale in (None, first, third):
            with pytest.raises(Conflict):
                admit(store, third, stale, GateOutcome.REPLACED, duel=DUEL)
        with pytest.raises(Conflict):
            admit(store, second, second, GateOutcome.REFRESH)
        assert len(store.models.gate_records("inflow")) == 2

    def test_follow_each_other_when_several_come_at_once(self, store, model):
        ids = [model(bytes([number])) for number in range(6)]

        def come(challenger):
            while True:
                champion = store.models.champion("inflow")
                outcome = GateOutcome.FIRST if champion is None else GateOutcome.REFRESH
                try:
                    return admit(store, challenger, champion, outcome)
                except Conflict:
                    continue

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(come, ids))

        records = store.models.gate_records("inflow")
        assert sorted(record.challenger_id for record in records) == sorted(ids)
        assert [record.champion_id for record in records] == [
            None,
            *(record.challenger_id for record in records[:-1]),
        ]

    def test_table_is_added_to_a_store_of_before_and_its_champion_stays(
        self, store, model, database_url
    ):
        first = model(b"1")
        admit(store, first, None, GateOutcome.FIRST)
        downgrade(database_url, revision="0003")
        migrate(database_url)

        assert store.models.champion("inflow") == first
        assert store.models.gate_records("inflow") == ()

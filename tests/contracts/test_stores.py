# SPDX-License-Identifier: EUPL-1.2
"""One suite, every store: what SQLite and PostgreSQL must both do."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.catalogue import Measure, Place, PlaceKind
from models.errors import Conflict, DamagedArtefact, InvalidInput, NotFound
from models.periods import Frequency
from tests.figures import INFLOW, NOW, at, definition, issued_forecast, observation
from training.store import Store, open_store
from training.store.observations import Receipt
from training.store.records import Observation, Snapshot

JANUARY = date(2020, 1, 1)


def standing(store: Store, moment: str) -> list[float]:
    """The values that stood at the start of a day, in order of period."""
    return [row.value for row in store.observations.as_known_at(at(moment)).observations]


class TestCatalogue:
    def test_gives_a_definition_back_word_for_word(self, store):
        weekly = definition(
            "coa.occupancy.ter_apel",
            measure=Measure.OCCUPANCY,
            frequency=Frequency.WEEK,
            group="unaccompanied_minor",
            place=Place(kind=PlaceKind.LOCATION, code="COA-001"),
            publisher="COA “bezetting”",
            jump_factor=3.0,
        )

        assert store.series.define([weekly]) == 1
        assert store.series.get("coa.occupancy.ter_apel") == weekly

    def test_takes_the_same_definition_twice(self, store):
        assert store.series.define([INFLOW, INFLOW]) == 1
        assert store.series.define([INFLOW]) == 0

    @pytest.mark.parametrize(
        "changed",
        [
            {"unit": "applications"},
            {"definition": "Another one."},
            {"frequency": Frequency.QUARTER},
            {"group": "first_application"},
            {"measure": Measure.OUTFLOW},
            {"place": Place(kind=PlaceKind.PROVINCE, code="PV20")},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_refuses_another_meaning_under_the_same_name(self, store, changed):
        store.series.define([INFLOW])

        with pytest.raises(Conflict, match=r"nl\.inflow\.total"):
            store.series.define([definition("nl.new"), definition(INFLOW.series_id, **changed)])
        assert store.series.all() == (INFLOW,)

    def test_lets_publisher_and_jump_factor_change(self, store):
        store.series.define([INFLOW])
        later = definition(INFLOW.series_id, publisher="IND", jump_factor=4.0)
        store.series.define([later])

        assert store.series.get(INFLOW.series_id) == later

    def test_orders_by_code_point_on_every_engine(self, store):
        names = ["nl.b", "nl.a_c", "nl.ab", "nl.a.c", "NL.a"]
        store.series.define(definition(name) for name in names)

        assert [entry.series_id for entry in store.series.all()] == sorted(names)

    def test_does_not_know_what_was_never_defined(self, store):
        with pytest.raises(NotFound):
            store.series.get("nl.nothing")


class TestObservations:
    @pytest.fixture(autouse=True)
    def _catalogue(self, store):
        store.series.define([INFLOW, definition("nl.other")])

    def test_gives_back_what_stood_before_and_after_a_correction(self, store):
        store.observations.record([observation(100, known="2020-02-10")])
        receipt = store.observations.record([observation(110, known="2020-05-10")])

        assert receipt == Receipt(revised=1)
        assert standing(store, "2020-02-09") == []
        assert standing(store, "2020-02-10") == [100]
        assert standing(store, "2020-05-09") == [100]
        assert standing(store, "2020-05-10") == [110]

    def test_takes_history_that_arrives_after_what_came_later(self, store):
        store.observations.record([observation(110, known="2020-05-10")])
        store.observations.record([observation(100, known="2020-02-10")])

        assert standing(store, "2020-03-01") == [100]
        assert standing(store, "2020-06-01") == [110]

    def test_breaks_a_tie_by_the_order_of_recording(self, store):
        for value in (100, 90, 95):
            store.observations.record([observation(value, known="2020-02-10")])

        assert standing(store, "2020-03-01") == [95]

    def test_changes_nothing_when_the_same_is_recorded_again(self, store):
        rows = [observation(100, known="2020-02-10"), observation(110, known="2020-05-10")]
        store.observations.record(rows)

        assert store.observations.record(rows) == Receipt(unchanged=2)
        assert len(store.observations.history(INFLOW.series_id, JANUARY)) == 2

    def test_counts_what_was_accepted_revised_and_unchanged(self, store):
        store.observations.record([observation(1, known="2020-02-10")])
        receipt = store.observations.record(
            [
                observation(1, known="2020-02-10"),
                observation(2, known="2020-03-10"),
                observation(7, known="2020-03-10", period="2020-02-01"),
                observation(8, known="2020-04-10", period="2020-02-01"),
            ]
        )

        assert receipt == Receipt(accepted=1, revised=2, unchanged=1)

    def test_refuses_two_figures_for_one_period_at_one_moment(self, store):
        rows = [observation(1, known="2020-02-10"), observation(2, known="2020-02-10")]

        with pytest.raises(InvalidInput, match="given twice"):
            store.observations.record(rows)
        assert standing(store, "2020-03-01") == []

    def test_refuses_a_source_that_only_one_engine_would_keep(self, store):
        with pytest.raises(InvalidInput, match="NUL"):
            store.observations.record([observation(1, known="2020-02-10", source="IND\x00")])

    def test_takes_all_of_a_batch_or_nothing(self, store):
        rows = [
            observation(1, known="2020-02-10"),
            observation(2, known="2020-02-10", series_id="x"),
        ]

        with pytest.raises(NotFound, match="'x'"):
            store.observations.record(rows)
        assert standing(store, "2020-03-01") == []

    def test_keeps_when_a_figure_was_recorded_beside_when_it_was_known(self, store):
        figure = observation(1234.5, known="2020-02-10 12:34:56.789012", source="IND “ë” 表")
        store.observations.record([figure])
        (recorded,) = store.observations.history(INFLOW.series_id, JANUARY)

        assert recorded.observation == figure
        assert recorded.recorded_at == NOW

    def test_compares_moments_and_not_their_spelling(self, store):
        store.observations.record([observation(100, known="2020-02-10 23:30")])
        amsterdam = timezone(timedelta(hours=1))
        just_before = datetime(2020, 2, 11, 0, 29, tzinfo=amsterdam)
        just_after = datetime(2020, 2, 11, 0, 30, tzinfo=amsterdam)

        assert not store.observations.as_known_at(just_before).observations
        assert len(store.observations.as_known_at(just_after).observations) == 1

    def test_refuses_a_moment_without_a_time_zone(self, store):
        with pytest.raises(InvalidInput, match="time zone"):
            store.observations.as_known_at(datetime(2020, 1, 1))  # noqa: DTZ001  # the point

    def test_gives_only_the_series_asked_for(self, store):
        store.observations.record(
            [
                observation(1, known="2020-02-10"),
                observation(2, known="2020-02-10", series_id="nl.other"),
            ]
        )
        snapshot = store.observations.as_known_at(NOW, series_ids=["nl.other"])

        assert [row.series_id for row in snapshot.observations] == ["nl.other"]
        assert [entry.series_id for entry in snapshot.definitions] == ["nl.other"]
        with pytest.raises(NotFound):
            store.observations.as_known_at(NOW, series_ids=["nl.nothing"])

    def test_hashes_what_it_gives_back_as_what_it_took(self, store):
        rows = (
            observation(1e15 + 0.3, known="2020-02-10 10:00", period="2019-12-01"),
            observation(0.1 + 0.2, known="2020-02-10 10:00", period="2020-01-01"),
            observation(5, known="2020-02-10", series_id="nl.other"),
        )
        store.observations.record(reversed(rows))
        given = Snapshot(known_at=NOW, definitions=(), observations=rows)

        assert store.observations.as_known_at(NOW).sha256 == given.sha256


moments = st.integers(1, 6).map(lambda day: datetime(2020, 1, day, tzinfo=UTC))
figures = st.builds(
    observation,
    st.integers(0, 4),
    known=moments.map(lambda moment: moment.date().isoformat()),
    period=st.sampled_from(["2019-01-01", "2019-02-01"]),
    series_id=st.sampled_from(["a", "b"]),
    source=st.sampled_from(["IND", "CBS"]),
)
batches = st.lists(
    st.lists(figures, max_size=4, unique_by=lambda row: (row.series_id, row.period, row.known_at)),
    max_size=5,
)
numbers = count()


class TestBitemporality:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(batches=batches, moment=moments)
    @example(
        # The first figure comes back after it was corrected: the last recorded stands.
        batches=[
            [observation(value, known="2020-01-02", period="2019-01-01", series_id="a")]
            for value in (1, 2, 1)
        ],
        moment=datetime(2020, 1, 3, tzinfo=UTC),
    )
    def test_agrees_with_a_list_that_is_filtered_and_searched(self, store, batches, moment):
        # The store only grows, so that every example needs series of its own.
        run = next(numbers)
        names = {name: f"{name}.{run}" for name in "ab"}
        store.series.define(definition(name) for name in names.values())
        told: list[Observation] = []
        for batch in batches:
            own = [
                observation(
                    row.value,
                    known=row.known_at.date().isoformat(),
                    period=row.period.isoformat(),
                    series_id=names[row.series_id],
                    source=row.source,
                )
                for row in batch
            ]
            told += own
            store.observations.record(own)

        snapshot = store.observations.as_known_at(moment, series_ids=sorted(names.values()))

        expected = []
        for key in sorted({(row.series_id, row.period) for row in told}):
            known = [
                row for row in told if (row.series_id, row.period) == key and row.known_at <= moment
            ]
            if known:
                latest = max(row.known_at for row in known)
                expected.append([row for row in known if row.known_at == latest][-1])
        assert list(snapshot.observations) == expected

    def test_gives_an_earlier_reader_back_what_it_saw(self, store, database_url, tmp_path):
        store.series.define([INFLOW])
        days = iter(at(f"2026-01-{day:02}") for day in range(1, 32))
        seen = []
        with open_store(database_url, tmp_path, clock=lambda: next(days)) as ticking:
            for value, known in ((1, "2020-03-01"), (2, "2020-02-01"), (3, "2020-03-01")):
                ticking.observations.record([observation(value, known=known)])
                seen.append(ticking.observations.as_known_at(NOW).sha256)

        again = [
            store.observations.as_known_at(NOW, recorded_by=at(day)).sha256
            for day in ("2026-01-02", "2026-01-03", "2026-01-04")
        ]
        assert again == seen


class TestForecasts:
    def test_gives_a_forecast_back_to_the_last_bit(self, store):
        issued = issued_forecast()
        forecast_id = store.forecasts.issue(issued)
        read = store.forecasts.get(forecast_id)

        assert forecast_id == issued.forecast_id == read.forecast_id
        assert read.need.persons.tobytes() == issued.need.persons.tobytes()
        assert read.inflow.periods_of(INFLOW.series_id).tolist()[0] == date(2026, 1, 1)
        assert (read.quality, read.coverage) == (issued.quality, issued.coverage)
        assert (read.issued_at, read.as_of) == (issued.issued_at, issued.as_of)

    def test_reads_quantiles_without_the_paths(self, store, tmp_path):
        issued = issued_forecast()
        forecast_id = store.forecasts.issue(issued)
        for blob in (tmp_path / "artefacts" / "blobs").glob("*/*"):
            if b"levels.npy" not in blob.read_bytes():
                blob.unlink()
        quantiles = store.forecasts.quantiles(forecast_id)

        assert np.array_equal(quantiles.need.persons, issued.need.quantiles())
        assert np.array_equal(
            quantiles.inflow.periods_of(INFLOW.series_id),
            issued.inflow.periods_of(INFLOW.series_id),
        )
        with pytest.raises(DamagedArtefact):
            store.forecasts.get(forecast_id)

    def test_issues_the_latest_forecast_only_once(self, store):
        store.forecasts.issue(issued_forecast(issued="2026-01-15"))
        store.forecasts.issue(issued_forecast(issued="2026-02-15"))

        assert store.forecasts.count() == 1
        assert store.forecasts.latest().issued_at == at("2026-01-15")

    def test_makes_an_earlier_forecast_the_latest_when_it_is_issued_again(self, store):
        first, second = issued_forecast(seed=1), issued_forecast(seed=2, issued="2026-02-15")
        for forecast in (first, second, issued_forecast(seed=1, issued="2026-03-15")):
            store.forecasts.issue(forecast)

        assert store.forecasts.latest().forecast_id == first.forecast_id
        assert store.forecasts.get(first.forecast_id).issued_at == first.issued_at

    def test_says_what_was_the_latest_before_a_moment(self, store):
        assert store.forecasts.latest() is None
        first, second = issued_forecast(seed=1), issued_forecast(seed=2, issued="2026-02-15")
        store.forecasts.issue(first)
        store.forecasts.issue(second)

        assert store.forecasts.latest(issued_before=at("2026-01-15")) is None
        before = store.forecasts.latest(issued_before=at("2026-02-15"))
        assert before.forecast_id == first.forecast_id

    def test_pages_through_every_issue_once(self, store):
        issued = [store.forecasts.issue(issued_forecast(seed=seed)) for seed in range(5)]
        pages = [
            [entry.forecast_id for entry in store.forecasts.list_page(page=page, page_size=2)]
            for page in (1, 2, 3, 4)
        ]

        assert pages == [issued[:2:-1], issued[2:0:-1], issued[:1], []]

    def test_does_not_know_what_was_never_issued(self, store):
        for read in (store.forecasts.get, store.forecasts.quantiles, store.forecasts.entry):
            with pytest.raises(NotFound):
                read("0" * 24)


class TestStore:
    def test_keeps_everything_when_it_is_closed(self, store, database_url, tmp_path):
        store.take_in(
            "figures.csv",
            sha256="0" * 64,
            definitions=[INFLOW],
            observations=[observation(1, known="2020-02-10")],
        )
        with open_store(database_url, tmp_path) as again:
            snapshot = again.observations.as_known_at(NOW)
            (entry,) = again.intakes.all()

        assert [row.value for row in snapshot.observations] == [1]
        assert (entry.source, entry.recorded_at) == ("figures.csv", NOW)
        assert (entry.receipt, entry.refused) == (Receipt(accepted=1), 0)

    def test_takes_neither_series_nor_log_when_a_figure_is_refused(self, store):
        with pytest.raises(NotFound):
            store.take_in(
                "figures.csv",
                sha256="0" * 64,
                definitions=[INFLOW],
                observations=[observation(1, known="2020-02-10", series_id="nl.nothing")],
            )

        assert store.series.all() == ()
        assert store.intakes.all() == ()

    def test_logs_a_refusal(self, store):
        store.intakes.log_refusal("bad.csv", faults=3)
        (entry,) = store.intakes.all()

        assert (entry.refused, entry.receipt) == (3, Receipt())

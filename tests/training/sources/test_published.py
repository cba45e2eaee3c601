# SPDX-License-Identifier: EUPL-1.2
"""From a publisher's table into the store: what is news, what was revised, what is refused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models.errors import InvalidInput, SourceUnavailable
from tests.figures import NOW, at
from tests.training.sources.local_server import Answer, serving
from tests.training.sources.recorded import FIGURES, cbs, cbs_sets, eurostat
from training.sources.cbs import SOURCE, read_cbs
from training.sources.eurostat import read_eurostat
from training.sources.http import Patience, Publisher
from training.sources.published import take_published
from training.store import Store, open_store
from training.store.migrate import migrate

QUICK = Patience(connect=1.0, silence=1.0, total=5.0, pause=0.01, attempts=2)
SYRIA = "nl.inflow.first_application.sy"
DECEMBER = date(2025, 12, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'getij.db'}"
    migrate(url)
    with open_store(url, tmp_path, clock=lambda: NOW) as store:
        yield store


def take(store, answers, **options):
    with (
        serving(answers) as server,
        Publisher(SOURCE, server.url, rng=np.random.default_rng(1), patience=QUICK) as publisher,
    ):
        return take_published(store, SOURCE, lambda now: read_cbs(publisher, now=now), **options)


def later_edition(change):
    """The table a month later, with the figures of Syria in December 2025 changed."""
    sets = cbs_sets()
    sets["TableInfos"][0]["Modified"] = "2026-02-27T02:00:00"
    for row in sets["TypedDataSet"]:
        if (row["Geslacht"], row["Nationaliteit"].strip(), row["Perioden"]) == (
            "T001038",
            "NAT9444",
            "2025MM12",
        ):
            change(row)
    return cbs(sets)


def figures_of(store, series_id, moment=NOW):
    snapshot = store.observations.as_known_at(moment, series_ids=[series_id])
    return {row.period: row.value for row in snapshot.observations}


class TestTakingAnEdition:
    def test_says_what_became_of_it(self, store):
        report = take(store, cbs())

        assert (report.accepted, report.revised, report.unchanged) == (1873, 0, 0)
        assert str(report) == (
            "CBS 83102NED of 2026-01-30: 1873 accepted, 0 revised, 0 unchanged, 0 refused; "
            "until 2025-12-01."
        )

    def test_twice_changes_nothing(self, store):
        take(store, cbs())

        report = take(store, cbs())

        assert (report.accepted, report.revised, report.unchanged) == (0, 0, 1873)
        assert len(store.observations.history(SYRIA, DECEMBER)) == 1

    def test_keeps_what_stood_before_a_revision(self, store):
        take(store, cbs())
        first = FIGURES[SYRIA, DECEMBER]

        report = take(
            store, later_edition(lambda row: row.update(EersteAsielverzoekenPersonen_2=first + 5))
        )

        assert (report.accepted, report.revised, report.unchanged) == (0, 1, 1872)
        assert figures_of(store, SYRIA)[DECEMBER] == first + 5
        assert figures_of(store, SYRIA, at("2026-02-26"))[DECEMBER] == first
        history = store.observations.history(SYRIA, DECEMBER)
        assert [row.observation.value for row in history] == [first, first + 5]

    def test_was_not_known_before_it_was_published(self, store):
        take(store, cbs())

        assert figures_of(store, SYRIA, at("2026-01-29")) == {}

    def test_of_eurostat_works_the_same(self, store):
        with (
            serving(Answer.of(eurostat())) as server,
            Publisher("Eurostat", server.url, rng=np.random.default_rng(1)) as publisher,
        ):
            read = partial(read_eurostat, publisher, countries=("NL",))
            report = take_published(store, "Eurostat", lambda now: read(now=now))

        assert (report.accepted, report.until) == (6, date(2019, 4, 1))
        assert figures_of(store, "nl.inflow.asylum_applications")[date(2019, 1, 1)] == 2160


class TestRefusingAnEdition:
    def test_takes_nothing_of_it_and_says_so_in_the_log(self, store):
        broken = later_edition(lambda row: row.update(EersteAsielverzoekenPersonen_2=-5))

        with pytest.raises(InvalidInput):
            take(store, broken)

        assert store.series.all() == ()
        assert [(entry.source, entry.refused) for entry in store.intakes.all()] == [(SOURCE, 1)]

    def test_of_a_publisher_that_is_away_is_no_refusal(self, store):
        with pytest.raises(SourceUnavailable):
            take(store, Answer(status=503))

        assert store.intakes.all() == ()

    def test_asks_for_confirmation_of_a_figure_a_thousand_times_its_neighbours(self, store):
        take(store, cbs())
        wrong = FIGURES[SYRIA, DECEMBER] * 1_000
        edition = later_edition(lambda row: row.update(EersteAsielverzoekenPersonen_2=wrong))

        with pytest.raises(InvalidInput, match=f"{SYRIA} 2025-12-01 is {wrong:.10g}"):
            take(store, edition)

        assert figures_of(store, SYRIA)[DECEMBER] == FIGURES[SYRIA, DECEMBER]

    def test_takes_a_doubtful_figure_that_a_person_confirmed(self, store):
        take(store, cbs())
        doubtful = FIGURES[SYRIA, DECEMBER] * 1_000
        edition = later_edition(lambda row: row.update(EersteAsielverzoekenPersonen_2=doubtful))

        take(store, edition, confirmed=frozenset({(SYRIA, DECEMBER)}))

        assert figures_of(store, SYRIA)[DECEMBER] == doubtful


@pytest.fixture(scope="module")
def ingest(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")

    def ingest(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from service.cli import main; main()", "ingest", *words],
            env=os.environ | {"GETIJ_DATA_DIR": str(data), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    return ingest


class TestTheCommand:
    def test_brings_cbs_in_beside_the_reference_figures(self, ingest):
        with serving(cbs()) as server:
            done = ingest("cbs", "--url", server.url)

        assert done.returncode == 0, done.stderr
        # Every figure stood already; five had been printed in text, which we call rounded.
        assert done.stdout == (
            "CBS 83102NED of 2026-01-30: 0 accepted, 5 revised, 1868 unchanged, 0 refused; "
            "until 2025-12-01.\n"
        )
        assert "Reference figures: " in done.stderr

    def test_brings_eurostat_in_for_the_countries_named(self, ingest):
        with serving(Answer.of(eurostat())) as server:
            done = ingest("eurostat", "--countries", "nl", "--url", server.url)

        assert done.returncode == 0, done.stderr
        assert done.stdout == (
            "Eurostat migr_asyappctzm of 2019-08-20: 0 accepted, 0 revised, 6 unchanged, "
            "0 refused; until 2019-04-01.\n"
        )

    def test_ends_with_one_sentence_when_the_answer_is_no_table(self, ingest):
        with serving(Answer(body=b"<html>onderhoud</html>", kind="text/html")) as server:
            done = ingest("cbs", "--url", server.url)

        assert done.returncode == 2
        assert done.stderr.splitlines()[-1] == "error: CBS 83102NED answered text/html, not JSON."
        assert done.stdout == ""

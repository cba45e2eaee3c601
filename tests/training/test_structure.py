# SPDX-License-Identifier: EUPL-1.2
"""The Dutch total and its parts, on the reference figures as they were known."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models.inflow.baselines import LogRandomWalk
from training.dataset import inflow_panel
from training.sources.reference.estimates import FAMILY, FIRST, REPEAT, TOTAL
from training.structure import HIERARCHY, learn_structure, with_parts


def divided(snapshot, *, seed=5):
    panel = inflow_panel(snapshot)
    total = (
        LogRandomWalk()
        .fit(panel.select([TOTAL]))
        .sample(24, paths=300, rng=np.random.default_rng(1))
    )
    return with_parts(total, panel=panel, snapshot=snapshot, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def now(as_known_at):
    return divided(as_known_at())


class TestParts:
    def test_of_the_dutch_inflow_add_up_in_every_path_and_month(self, now):
        paths, composition = now

        assert composition.parts == {whole: tuple(parts) for whole, parts in HIERARCHY.items()}
        for whole, parts in composition.parts.items():
            assert np.array_equal(sum(paths.of(part) for part in parts), paths.of(whole))
        assert (paths.persons >= 0).all()

    def test_are_known_for_less_long_than_the_total(self, now):
        paths, composition = now

        assert str(paths.origins[0]) == "2026-06"
        assert {composition.until[kind] for kind in (FIRST, REPEAT, FAMILY)} == {"2025-12"}

    def test_leave_out_resettled_persons_by_name(self, now):
        _, composition = now

        assert composition.left_out == ("nl.inflow.resettled", "nl.inflow.resettled.turkiye")

    def test_are_the_same_for_the_same_figures_and_seed(self, as_known_at, now):
        again, _ = divided(as_known_at())
        other, _ = divided(as_known_at(), seed=6)

        assert np.array_equal(again.persons, now[0].persons)
        assert np.array_equal(other.of(TOTAL), now[0].of(TOTAL))
        assert not np.array_equal(other.of(FIRST), now[0].of(FIRST))

    def test_were_kinds_alone_while_nationalities_were_known_for_too_short(self, as_known_at):
        paths, composition = divided(as_known_at(datetime(2016, 3, 31, tzinfo=UTC)))

        assert set(composition.parts) == {TOTAL}
        assert f"{FIRST}.sy" in composition.left_out
        assert set(paths.series_ids) == {TOTAL, FIRST, REPEAT, FAMILY}
        assert max(composition.until.values()) <= "2016-03"


class TestShares:
    def test_of_first_applications_rise_with_a_surge(self, as_known_at):
        structure = learn_structure(inflow_panel(as_known_at()))

        split = next(split for split in structure.splits if split.whole == TOTAL)
        response = dict(zip(sorted(split.parts), split.shares.response, strict=True))

        assert response[FIRST] > 0 > response[REPEAT]

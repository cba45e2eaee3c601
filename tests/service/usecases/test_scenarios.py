# SPDX-License-Identifier: EUPL-1.2
"""Scenarios on an issued forecast with the Dutch chain: what is proved of it, and what is kept."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from models.errors import Conflict, NotFound
from models.occupancy.specification import LeverKind
from service.storage.desk import Desk
from service.usecases.chain_forecasts import ChainForecast, chain_forecast
from service.usecases.scenarios import (
    ScenarioRequest,
    WrittenLever,
    list_scenarios,
    make_scenario,
    read_figures,
    read_scenario,
)
from tests.builders import NOW, manifest, opener
from tests.service.chained import chained_forecast

HOMES = WrittenLever(
    kind=LeverKind.HOMES_REALISED,
    size=400.0,
    impact_month="2026-06",
    ramp=3,
    owner="the tests",
    rationale="to see what it does",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a forecast that was issued with the Dutch chain."""
    with opener(tmp_path_factory.mktemp("chained"))() as store:
        store.forecasts.issue(chained_forecast(store.artefacts.write(manifest(), files={})))
        yield Desk.of(store)


@pytest.fixture(scope="module")
def forecast(desk: Desk) -> ChainForecast:
    return chain_forecast(desk, issued(desk))


def issued(desk: Desk) -> str:
    latest = desk.store.forecasts.latest()
    assert latest is not None
    return latest.forecast_id


class TestTheDutchChain:
    @pytest.mark.parametrize(
        ("changes", "sign"),
        [
            ({}, -1),
            ({"size": -400.0}, 1),
            ({"kind": LeverKind.TRANSITION_HOMES, "size": 5_000.0}, -1),
            ({"kind": LeverKind.RETURNS, "size": 50.0}, -1),
            ({"kind": LeverKind.RETURNS, "size": -50.0}, 1),
        ],
    )
    def test_keeps_what_is_proved_of_homes_and_returns(self, forecast, changes, sign):
        difference = forecast.compare((replace(HOMES, **changes).lever(),)).difference

        assert (sign * difference >= 0).all()
        assert difference.any()

    def test_keeps_what_is_proved_of_a_quota(self, forecast):
        lever = replace(HOMES, kind=LeverKind.FAMILY_REUNIFICATION_QUOTA, size=300.0, ramp=0)
        effect = forecast.compare((lever.lever(),))

        more = effect.scenario.entered > effect.baseline.entered + 1e-6
        until = ~np.logical_or.accumulate(more, axis=1)
        assert (effect.difference[until] <= 0).all()
        assert (effect.difference[until] < 0).any()

    def test_has_a_target_for_every_kind(self, forecast):
        for kind in LeverKind:
            duration = 3 if kind is LeverKind.INFLOW_SHOCK else None
            lever = replace(HOMES, kind=kind, size=50.0, ramp=0, duration=duration)
            assert forecast.compare((lever.lever(),)).difference.any()


class TestMaking:
    def test_twice_gives_the_same_scenario_and_another_name_another(self, desk: Desk):
        request = ScenarioRequest(forecast_id=issued(desk), name="Homes", levers=(HOMES,))
        first, again = make_scenario(desk, request), make_scenario(desk, request)
        other = make_scenario(desk, replace(request, name="More homes"))

        assert first == again != other
        assert [made.scenario_id for made in list_scenarios(desk, offset=0, limit=2)] == [
            other,
            first,
        ]
        assert read_scenario(desk, first).document.request == request

    def test_tells_how_far_it_is(self, desk: Desk):
        told: list[float] = []
        request = ScenarioRequest(forecast_id=issued(desk), name="Homes", levers=(HOMES,))
        make_scenario(desk, request, advance=told.append)

        assert told == sorted(told)
        assert told[-1] < 1

    def test_of_another_version_are_named_and_left_out_of_the_list(self, desk: Desk):
        request = ScenarioRequest(forecast_id=issued(desk), name="Of old", levers=(HOMES,))
        content = json.loads(desk.scenarios.get(make_scenario(desk, request)).content)
        old = desk.scenarios.keep(
            json.dumps(content | {"format": 0}),
            figures="{}",
            forecast_id=request.forecast_id,
            made_at=NOW,
        )

        for read in (read_scenario, read_figures):
            with pytest.raises(Conflict, match="another version"):
                read(desk, old)
        listed = list_scenarios(desk, offset=0, limit=10)
        assert old not in [made.scenario_id for made in listed]

    def test_of_a_forecast_that_was_never_issued_is_refused(self, desk: Desk):
        with pytest.raises(NotFound):
            make_scenario(
                desk, ScenarioRequest(forecast_id="0" * 24, name="Homes", levers=(HOMES,))
            )

# SPDX-License-Identifier: EUPL-1.2
"""What the page shows of a forecast: hand-worked on five futures, then on the real register."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Measure, SeriesDefinition, Status
from models.errors import NotFound
from models.periods import Frequency
from models.planning.buffer.advice import DecisionWindow, OptionBasis, advise_buffer
from models.planning.costs import CostParameters
from models.planning.portfolio.capacity_plan import Action
from models.planning.register.locations import Location, LocationKind, LocationStatus
from models.types import SamplePaths
from service.storage.desk import Desk
from service.usecases.advices import BufferDocument, BufferRequest, Foundation
from service.web.plan_view import Choice
from service.web.present import present
from service.web.read import read_page
from service.web.view import Page
from training.store.records import (
    IssuedForecast,
    KnownBasis,
    Observation,
    Quality,
    QualityState,
    Snapshot,
)

ISSUED = datetime(2026, 5, 20, tzinfo=UTC)
OK = Quality(state=QualityState.OK)


def series(series_id: str, measure: Measure, **changes: object) -> SeriesDefinition:
    return SeriesDefinition(
        **{
            "series_id": series_id,
            "measure": measure,
            "unit": "persons",
            "frequency": Frequency.DATED,
            "definition": f"What {series_id} counts.",
            **changes,
        }
    )


def figure(series_id: str, day: str, value: float, status: Status) -> Observation:
    return Observation(
        series_id=series_id,
        period=date.fromisoformat(day),
        value=value,
        known_at=ISSUED,
        known_basis=KnownBasis.ASSUMED,
        status=status,
        source="test",
    )


SNAPSHOT = Snapshot(
    known_at=ISSUED,
    definitions=(
        series("inflow", Measure.INFLOW, frequency=Frequency.MONTH),
        series("people", Measure.OCCUPANCY),
        series("elsewhere", Measure.OCCUPANCY),
        series("places", Measure.CAPACITY, group="regular", unit="places"),
    ),
    observations=(
        figure("elsewhere", "2026-02-11", 93, Status.OBSERVED),
        figure("inflow", "2026-03-01", 30, Status.OBSERVED),
        figure("inflow", "2026-04-01", 20, Status.ESTIMATED),
        figure("people", "2026-02-11", 100, Status.OBSERVED),
        figure("places", "2026-01-31", 130, Status.OBSERVED),
    ),
)


def line(name: str, **changes: object) -> Location:
    return Location(
        **{
            "location_id": name,
            "name": name,
            "municipality": name,
            "municipality_code": "GM0001",
            "province": "Drenthe",
            "kind": LocationKind.REGULAR,
            "status": LocationStatus.OPEN,
            "places": 80,
            "technical_places": 80,
            "contractual_places": 80,
            "source": "test",
            **changes,
        }
    )


REGISTER = (
    line("a"),
    line("b", kind=LocationKind.EMERGENCY, places=40, technical_places=40, contractual_places=40),
    line(
        "c", status=LocationStatus.CANDIDATE, places=0, technical_places=50, contractual_places=50
    ),
)


def paths(series_ids: Sequence[str], origin: str, persons: object) -> SamplePaths:
    return SamplePaths(
        series_ids=tuple(series_ids),
        frequency=Frequency.MONTH,
        origins=np.array([origin] * len(series_ids), dtype="datetime64[M]"),
        persons=np.array(persons, dtype=float),
    )


def forecast() -> IssuedForecast:
    """Five futures from March 2026 to February 2027; two groups, of which one never changes."""
    months = np.arange(12)
    groups = np.array([[60.0 + 10 * path + 2 * months, 20.0 + 0 * months] for path in range(5)])
    need = np.concatenate([groups.sum(axis=1, keepdims=True), groups], axis=1)
    return IssuedForecast(
        issued_at=ISSUED,
        as_of=ISSUED,
        snapshot_sha256=SNAPSHOT.sha256,
        artefact_id="a" * 64,
        code_version="0.1.0",
        seed=1,
        data_until={"inflow": "2026-04-01", "people": "2026-02-11"},
        quality=OK,
        coverage=(),
        inflow=paths(["inflow"], "2026-04", np.full((5, 1, 12), 25.0)),
        need=paths(["need.total", "need.group.adults", "need.group.minors"], "2026-02", need),
    )


def buffer_on(forecast: IssuedForecast) -> BufferDocument:
    window = DecisionWindow(first="2026-07", last="2026-12")
    advice = advise_buffer(
        forecast.need.of("need.total"),
        periods=forecast.need.periods_of("need.total"),
        window=window,
        costs=CostParameters(),
        occupancy_norm=0.8,
    )
    return BufferDocument(
        request=BufferRequest(
            forecast_id=forecast.forecast_id,
            register_id="r",
            window=window,
            occupancy_norm=0.8,
            tiers=advice.tiers,
        ),
        foundation=Foundation(
            **{
                name: getattr(forecast, name)
                for name in Foundation.__dataclass_fields__
                if hasattr(forecast, name)
            },
            **{name: {} for name in Foundation.__dataclass_fields__ if not hasattr(forecast, name)},
        ),
        advice=advice,
    )


def page_of(snapshot: Snapshot = SNAPSHOT, *, buffer: BufferDocument | None = None) -> Page:
    return present(
        forecast(),
        quality=OK,
        in_service=(),
        official=(),
        snapshot=snapshot,
        register=REGISTER,
        planned=REGISTER,
        buffer=buffer,
        plan=None,
        norm=1.0,
    )


class TestPresent:
    def test_takes_the_whole_of_the_need_without_the_parts_beside_it(self):
        # Middle path: 60 + 20 adults in the first month, and 20 minors.
        assert page_of().need.median[0] == 100

    def test_names_the_last_day_of_every_month(self):
        page = page_of()

        assert page.need.days[0] == date(2026, 3, 31)
        assert page.need.days[-1] == date(2027, 2, 28)

    def test_nests_the_bands(self):
        wide, middle, narrow = page_of().need.bands

        assert (wide.share, middle.share, narrow.share) == (0.95, 0.8, 0.5)
        assert wide.low[0] < middle.low[0] < narrow.low[0] == 90
        assert wide.high[0] > middle.high[0] > narrow.high[0] == 110

    def test_shows_the_half_years_that_end_after_the_forecast_was_made(self):
        assert [row.day for row in page_of().half_years] == [date(2026, 6, 30), date(2026, 12, 31)]

    def test_counts_the_futures_in_which_the_places_of_now_suffice(self):
        june, december = page_of().half_years

        # In June the five futures need 86, 96, 106, 116 and 126; there are 120 places.
        assert (june.median, june.chance_now) == (106, 0.8)
        # In December they need 98, 108, 118, 128 and 138.
        assert (december.median, december.chance_now) == (118, 0.6)

    def test_reads_the_places_of_now_off_the_register(self):
        capacity = page_of().capacity

        assert (capacity.regular, capacity.emergency, capacity.total) == (80, 40, 120)
        assert capacity.day == date(2026, 1, 31)

    def test_says_how_many_people_are_too_many(self):
        assert page_of().shortage == 106 - 120
        assert page_of(buffer=buffer_on(forecast())).shortage == 106 - 0.8 * 120

    def test_shows_every_count_of_a_day_with_a_mark_of_its_own(self):
        shown = page_of().observed_need

        assert [(figure.day, figure.persons) for figure in shown] == [
            (date(2026, 2, 11), 100),
            (date(2026, 2, 11), 93),
        ]
        assert shown[0].definition == "What people counts."
        assert shown[0].shape != shown[1].shape

    def test_marks_an_estimate_as_one(self):
        assert [figure.mark for figure in page_of().observed_inflow] == ["firm", "soft"]

    def test_counts_whole_months_since_the_last_occupancy(self):
        assert page_of().months_blind == 3
        assert replace(page_of(), need_until=date(2025, 1, 6)).months_blind == 16
        assert replace(page_of(), need_until=date(2026, 4, 30)).months_blind == 0

    def test_ends_a_source_with_the_last_day_of_its_period(self):
        assert {source.name: source.until for source in page_of().sources} == {
            "inflow": date(2026, 4, 30),
            "people": date(2026, 2, 11),
            "places": date(2026, 1, 31),
        }

    def test_is_shown_even_when_the_forecast_has_run_out(self):
        late = replace(forecast(), issued_at=datetime(2031, 1, 1, tzinfo=UTC))
        page = present(
            late,
            quality=OK,
            in_service=(),
            official=(),
            snapshot=SNAPSHOT,
            register=REGISTER,
            planned=REGISTER,
            buffer=None,
            plan=None,
            norm=1.0,
        )

        assert page.half_years[-1].day == date(2026, 12, 31)

    def test_refuses_to_show_a_past_without_figures(self):
        nothing = replace(SNAPSHOT, observations=SNAPSHOT.observations[1:3])

        with pytest.raises(NotFound, match="occupancy"):
            page_of(nothing)


class TestBuffer:
    def test_reckons_the_places_of_now_as_the_advice_reckons_its_own(self):
        """The advice at the same number of places is the oracle."""
        document = buffer_on(forecast())
        page = page_of(buffer=document)
        advised = document.advice.house_rule

        again = present(
            forecast(),
            quality=OK,
            in_service=(),
            official=(),
            snapshot=SNAPSHOT,
            register=(
                line(
                    "a",
                    places=advised.outcome.places,
                    technical_places=advised.outcome.places,
                    contractual_places=advised.outcome.places,
                ),
            ),
            planned=REGISTER,
            buffer=document,
            plan=None,
            norm=1.0,
        )

        assert page.buffer is not None
        assert again.buffer is not None
        assert again.buffer.now == replace(advised, basis=OptionBasis.CONSIDERED)

    def test_names_the_source_of_a_price_only_while_it_is_the_published_one(self):
        document = buffer_on(forecast())
        dearer = replace(document.advice, costs=CostParameters(empty_place=7_000.0))
        page = page_of(buffer=document)
        other = page_of(buffer=replace(document, advice=dearer))

        assert page.buffer is not None
        assert other.buffer is not None
        assert [amount for amount, _ in page.buffer.price_sources] == [6_935, 8_065, 39_000]
        assert [amount for amount, _ in other.buffer.price_sources] == [8_065, 39_000]

    def test_takes_the_norm_from_the_advice(self):
        assert page_of(buffer=buffer_on(forecast())).norm == 0.8

    def test_ends_the_curve_where_more_places_make_no_difference(self):
        page = page_of(buffer=buffer_on(forecast()))
        assert page.buffer is not None
        *_, before, last = page.buffer.curve.chances

        assert before < 0.98 <= last


class TestPlan:
    @pytest.fixture
    def page(self, desk: Desk) -> Page:
        page = read_page(desk, norm=0.91)
        assert page is not None
        return page

    def test_shows_every_action_of_the_plan_once(self, page: Page):
        assert page.plan is not None
        shown = [action for course in page.plan.courses for action in course.lines]
        made = page.plan.plan.lines

        assert sorted(map(id, shown)) == sorted(map(id, made))

    def test_tells_the_course_of_a_location_in_order_of_time(self, page: Page):
        assert page.plan is not None
        for course in page.plan.courses:
            moments = [action.from_period for action in course.lines]

            assert moments == sorted(moments)
            assert {action.location_id for action in course.lines} == {course.location.location_id}

    def test_adds_the_provinces_up_to_the_published_totals(self, page: Page):
        assert page.plan is not None
        provinces = page.plan.provinces

        assert sum(row.before for row in provinces) == page.capacity.total == 74_236
        assert sum(row.indicative for row in provinces) == 88_000

    def test_adds_the_provinces_up_to_the_totals_of_the_plan(self, page: Page):
        assert page.plan is not None
        first, last = page.plan.open_places[0][1], page.plan.open_places[-1][1]

        assert sum(row.first for row in page.plan.provinces) == first
        assert sum(row.last for row in page.plan.provinces) == last

    def test_counts_every_line_once(self, page: Page):
        assert page.plan is not None
        decided = sum(row.lines_now + row.lines_later for row in page.plan.decisions)
        standing = sum(row.lines for row in page.plan.standing)

        assert standing > 0
        assert decided + standing == len(page.plan.plan.lines)

    def test_calls_a_decision_only_what_somebody_must_decide(self, page: Page):
        assert page.plan is not None
        pressing = [line for line in page.plan.plan.lines if line.decide_now]

        assert len(pressing) == page.plan.decided_now
        assert [row.action for row in page.plan.decisions] == [
            action for action in Action if action not in {Action.KEEP, Action.LEAVE}
        ]
        assert not {line.action for line in pressing} & {Action.KEEP, Action.LEAVE}
        for row in page.plan.decisions:
            starts = [line.from_period for line in pressing if line.action is row.action]
            assert row.first_now == (min(starts) if starts else None)

    def test_shows_only_what_is_chosen(self, page: Page):
        assert page.plan is not None
        chosen = page.plan.chosen(Choice(province="Drenthe", action="extend", when="now"))
        wanted = [
            action
            for course in page.plan.courses
            for action in course.lines
            if course.location.province == "Drenthe"
            and action.action is Action.EXTEND
            and action.decide_now
        ]

        assert wanted
        assert list(chosen) == ["Drenthe"]
        assert [action for course in chosen["Drenthe"] for action in course.lines] == wanted


class TestReadPage:
    def test_makes_a_page_once(self, desk: Desk):
        assert read_page(desk, norm=0.91) is read_page(desk, norm=0.91)

# SPDX-License-Identifier: EUPL-1.2
"""The tables of the page as files, for whoever wants to reckon with them."""

from collections.abc import Iterator

from service.api.text_csv import Cell
from service.language import Wording
from service.plan_words import explain
from service.web.plan_view import Choice, Plan
from service.web.view import Fan, Page

__all__ = ["FORECAST_COLUMNS", "PLAN_COLUMNS", "forecast_rows", "plan_rows"]

FORECAST_COLUMNS = ("quantity", "day", "level", "persons")

PLAN_COLUMNS = (
    "locationId",
    "name",
    "province",
    "kind",
    "action",
    "from",
    "decideBy",
    "placesBefore",
    "placesAfter",
    "reason",
    "explanation",
    "assumed",
)


def forecast_rows(page: Page) -> Iterator[tuple[Cell, ...]]:
    """Need and inflow, by month and level, as the charts draw them."""
    for quantity, fan in (("need", page.need), ("inflow", page.inflow)):
        for index, day in enumerate(fan.days):
            for level, persons in sorted(_levels(fan, index)):
                yield quantity, day.isoformat(), level, persons


def _levels(fan: Fan, index: int) -> Iterator[tuple[float, float]]:
    yield 0.5, fan.median[index]
    for band in fan.bands:
        yield round((1 - band.share) / 2, 3), band.low[index]
        yield round((1 + band.share) / 2, 3), band.high[index]


def plan_rows(plan: Plan, choice: Choice, *, wording: Wording) -> Iterator[tuple[Cell, ...]]:
    """The chosen lines of the plan, each with its reason as a code and as a sentence."""
    for courses in plan.chosen(choice).values():
        for course in courses:
            location = course.location
            for line in course.lines:
                yield (
                    location.location_id,
                    location.name,
                    location.province,
                    location.kind.value,
                    line.action.value,
                    line.from_period,
                    line.decide_by,
                    line.places_before,
                    line.places_after,
                    line.reason.value,
                    explain(wording, line=line),
                    " ".join(location.assumed),
                )

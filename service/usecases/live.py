# SPDX-License-Identifier: EUPL-1.2
"""How issued forecasts did in service, of the series that advice rests on."""

from datetime import datetime
from functools import lru_cache

from models.drift import LiveQuality, live_quality
from service.storage.desk import Desk
from training.store.forecasts import ForecastQuantiles

__all__ = ["quality_in_service"]


def quality_in_service(
    desk: Desk, forecast: ForecastQuantiles, *, known_by: datetime | None = None
) -> tuple[LiveQuality, ...]:
    """How forecasts of the total inflow and of the need did, by part of the horizon.

    Args:
        desk: Where the scores are.
        forecast: Names the series; the first of inflow and of need is the total.
        known_by: Figures that became known later do not count; all where not given.
    """
    series_ids = (forecast.inflow.series_ids[0], forecast.need.series_ids[0])
    return _summed_up(desk, series_ids, known_by, desk.store.live_scores.count())


@lru_cache(maxsize=8)
def _summed_up(
    desk: Desk, series_ids: tuple[str, ...], known_by: datetime | None, _: int
) -> tuple[LiveQuality, ...]:
    """Made anew when the number of scores, which only grows, has changed."""
    scored = desk.store.live_scores.newest(known_by=known_by)
    return live_quality(row for row in scored if row.series_id in series_ids)

# SPDX-License-Identifier: EUPL-1.2
"""Logs as JSON lines, and metrics for Prometheus; neither holds what a client typed."""

import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

import numpy as np
import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from models.drift import has_drifted
from models.errors import GetijError
from models.inflow.regime import AlarmState, Direction
from service.api import API_VERSION
from service.storage.desk import FrontDesk
from service.usecases.overview import Overview, overview
from training.store.forecasts import QuantileTable
from training.store.records import QualityState

__all__ = ["Telemetry", "configure_logs"]

_LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles of the need that are exposed; few, so that the number of series stays bounded."""

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def configure_logs(level: str) -> None:
    """Write one JSON object per line to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without local variables: they may hold a password or what a client sent.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=_to_standard_error,
    )


def _to_standard_error(*_: object) -> structlog.PrintLogger:
    """A logger to where standard error is now, not to where it was when logs were set up."""
    return structlog.PrintLogger(sys.stderr)


class Telemetry:
    """The metrics of one application: its own registry, read anew at every scrape."""

    def __init__(self, front: FrontDesk) -> None:
        # They double the output and nobody here reads them.
        disable_created_metrics()  # type: ignore[no-untyped-call] # the library leaves it untyped
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "getij_http_requests_total",
            "Answered requests.",
            labels,
            registry=self._registry,
        )
        self._seconds = Histogram(
            "getij_http_request_duration_seconds",
            "Time to answer a request.",
            labels[:2],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_State(front))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        known = method if method in {"GET", "HEAD", "POST"} else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)

    def scrape(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry)


class _State(Collector):
    """Reads the state of affairs at scrape time, so that no gauge can go stale."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The state now; if the store is out of reach, only that."""
        yield _gauge("getij_build_info", "Version of the API.", {(("version", API_VERSION),): 1.0})
        try:
            view = overview(self._front.desk())
        except (GetijError, SQLAlchemyError, OSError):
            view = None
        yield _gauge(
            "getij_store_available", "1 if the store can be read.", {(): float(view is not None)}
        )
        if view is not None:
            yield from _tasks(view)
            yield from _places(view)
            yield from _forecast(view)
            yield from _regime(view)
            yield from _in_service(view)
            yield from _need(view)
            yield from _advice(view)


Labels = tuple[tuple[str, str], ...]


def _gauge(name: str, help_text: str, values: dict[Labels, float]) -> Metric:
    names = [label for label, _ in next(iter(values), ())]
    family = GaugeMetricFamily(name, help_text, labels=names)
    for labels, value in values.items():
        family.add_metric([text for _, text in labels], value)
    return family


def _tasks(view: Overview) -> Iterator[Metric]:
    yield _gauge(
        "getij_tasks",
        "Computations by state.",
        {(("state", state.value),): float(count) for state, count in view.tasks.items()},
    )


def _places(view: Overview) -> Iterator[Metric]:
    if view.totals is not None:
        kinds = ("regular", "emergency", "reserve", "lent")
        yield _gauge(
            "getij_capacity_places",
            "Places in the location register, by what they are used for now.",
            {(("kind", kind),): float(getattr(view.totals, kind)) for kind in kinds},
        )


def _forecast(view: Overview) -> Iterator[Metric]:
    forecast = view.forecast
    yield _gauge(
        "getij_forecast_quality",
        "1 for the state that the latest forecast is in today.",
        {(("state", state.value),): float(view.quality.state is state) for state in QualityState},
    )
    if forecast is None:
        return
    yield _gauge(
        "getij_forecast_issued_timestamp_seconds",
        "When the latest forecast was issued.",
        {(): forecast.entry.issued_at.timestamp()},
    )
    yield _gauge(
        "getij_forecast_data_until_timestamp_seconds",
        "Last figure that the latest forecast learned from, by series.",
        {(("series", name),): _midnight(day) for name, day in view.data_until.items()},
    )
    yield _gauge(
        "getij_forecast_coverage_ratio",
        "How often an interval held when tested, by what it promises and months ahead.",
        {
            (
                ("series", row.series_id),
                ("nominal", f"{row.nominal:g}"),
                ("months", str(row.horizon)),
            ): row.measured
            for row in forecast.entry.coverage
        },
    )


def _regime(view: Overview) -> Iterator[Metric]:
    """Whether the inflow still looks as the latest forecast learned that it does."""
    regime = None if view.forecast is None else view.forecast.entry.regime
    if regime is None or regime.state is AlarmState.TOO_SHORT:
        return
    yield _gauge(
        "getij_regime_alarm",
        "1 while inflow differs from what was learned, by the way in which it does.",
        {
            (("direction", direction.value),): float(regime.direction is direction)
            for direction in Direction
        },
    )


def _in_service(view: Overview) -> Iterator[Metric]:
    """How issued forecasts did, by series and months ahead."""
    parts = {
        (
            ("series", part.series_id),
            ("months", f"{part.first_horizon}-{part.last_horizon}"),
        ): part
        for part in view.in_service
    }
    if not parts:
        return
    yield _gauge(
        "getij_forecast_live_outcomes",
        "Forecasts of a month that were scored by its figure.",
        {labels: float(part.outcomes) for labels, part in parts.items()},
    )
    yield _gauge(
        "getij_forecast_live_coverage_ratio",
        "How often an interval held in service, by what it promises.",
        {
            (*labels, ("nominal", f"{row.nominal:g}")): row.measured
            for labels, part in parts.items()
            for row in part.coverage
        },
    )
    yield _gauge(
        "getij_forecast_live_bias_persons",
        "Mean of median forecast minus what happened.",
        {labels: part.bias for labels, part in parts.items()},
    )
    yield _gauge(
        "getij_forecast_live_relative_crps_ratio",
        "Score of the forecasts in service over that of the log random walk.",
        {
            labels: part.relative_crps
            for labels, part in parts.items()
            if part.relative_crps is not None
        },
    )
    yield _gauge(
        "getij_forecast_live_drift",
        "1 if intervals hold more or less than chance allows.",
        {labels: float(has_drifted([part])) for labels, part in parts.items()},
    )


def _need(view: Overview) -> Iterator[Metric]:
    """The need in the month that runs now, or the last one forecast, and why it is there."""
    if view.forecast is None:
        return
    need, flows = view.forecast.need, view.forecast.flows
    month = np.datetime64(view.now.date(), "M")
    whole = need.series_ids[0]
    yield _gauge(
        "getij_capacity_need_persons",
        "Need for places in the month that runs now, by quantile level.",
        {
            (("series", whole), ("level", f"{level:g}")): _value(need, whole, month, level=level)
            for level in _LEVELS
        },
    )
    stages = _medians(need, ".stage.", month, label="stage")
    if stages:
        yield _gauge(
            "getij_need_stage_persons",
            "Median of those who need a place in the month that runs now, by stage.",
            stages,
        )
    waits = {} if flows is None else _medians(flows, ".waited.", month, label="bottleneck")
    if waits:
        yield _gauge(
            "getij_wait_months",
            "Median of how long those served in the month that runs now had waited.",
            waits,
        )


def _medians(
    table: QuantileTable, kind: str, month: np.datetime64, *, label: str
) -> dict[Labels, float]:
    """The medians of all series of a kind, by the last part of their names."""
    return {
        ((label, name.rpartition(kind)[2]),): _value(table, name, month, level=0.5)
        for name in table.series_ids
        if kind in name
    }


def _value(table: QuantileTable, series_id: str, month: np.datetime64, *, level: float) -> float:
    """A quantile in a month, or in the nearest one that was forecast."""
    periods = table.periods_of(series_id)
    row = int(np.clip(np.searchsorted(periods, month), 0, len(periods) - 1))
    column = int(np.argmin(np.abs(table.levels - level)))
    return float(table.of(series_id)[row, column])


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), tzinfo=UTC).timestamp()


def _advice(view: Overview) -> Iterator[Metric]:
    if view.buffer is not None:
        advice = view.buffer.document.advice
        yield _gauge(
            "getij_buffer_advised_places",
            "Places that the latest buffer advice says to hold.",
            {(): float(advice.recommended.outcome.places)},
        )
        yield _gauge(
            "getij_buffer_house_rule_places",
            "Places that the house rule would hold over the same months.",
            {(): float(advice.house_rule.outcome.places)},
        )
        yield _gauge(
            "getij_capacity_sufficient_ratio",
            "Chance that the advised places suffice in every month of the window.",
            {(): advice.recommended.outcome.chance_every_month},
        )
    if view.plan is not None:
        yield _gauge(
            "getij_plan_gap_ratio",
            "Proven distance of the latest capacity plan from the best one.",
            {(): view.plan.document.plan.gap},
        )

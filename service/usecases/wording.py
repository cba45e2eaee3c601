# SPDX-License-Identifier: EUPL-1.2
"""Where things stand, in plain words: Dutch and English."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from models.inflow.regime import Direction
from service.usecases.overview import Overview
from training.store.records import QualityState

__all__ = ["sentences"]

_MONTHS: Final = {
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_NOTHING: Final = {
    "nl": "Er is nog geen prognose uitgebracht.",
    "en": "No forecast has been issued yet.",
}
_FORECAST: Final = {
    "nl": "De laatste prognose is uitgebracht op {issued} en rust op cijfers tot en met {last}"
    ", de oudste reeks tot en met {first}.",
    "en": "The latest forecast was issued on {issued} and rests on figures up to {last}"
    ", the oldest series up to {first}.",
}
_QUALITY: Final = {
    "nl": {
        QualityState.OK: "Er zijn geen bijzonderheden.",
        QualityState.DEGRADED: "Lees de prognose met voorbehoud.",
        QualityState.FALLBACK: "Dit is een noodprognose met een eenvoudige methode.",
    },
    "en": {
        QualityState.OK: "There is nothing unusual.",
        QualityState.DEGRADED: "Read the forecast with reservations.",
        QualityState.FALLBACK: "This is an emergency forecast by a simple method.",
    },
}
_REGIME: Final = {
    "nl": {
        Direction.HIGHER: "Sinds {since} is de instroom hoger dan het model verwachtte.",
        Direction.LOWER: "Sinds {since} is de instroom lager dan het model verwachtte.",
        Direction.VOLATILE: "Sinds {since} schommelt de instroom meer dan het model verwachtte.",
    },
    "en": {
        Direction.HIGHER: "Since {since} inflow has been higher than the model expected.",
        Direction.LOWER: "Since {since} inflow has been lower than the model expected.",
        Direction.VOLATILE: "Since {since} inflow has swung more than the model expected.",
    },
}
_ADVICE: Final = {
    "nl": "Het advies is {places} plaatsen aan te houden van {first} tot en met {last}, waarvan "
    "{reserve} in reserve; er zijn er nu {open}.",
    "en": "The advice is to hold {places} places from {first} up to {last}, {reserve} of them in "
    "reserve; there are now {open}.",
}


def sentences(view: Overview) -> dict[str, str]:
    """Where things stand, by language."""
    return {language: _sentence(view, language) for language in ("nl", "en")}


def _sentence(view: Overview, language: str) -> str:
    if view.forecast is None:
        return _NOTHING[language]
    until = view.data_until.values() or [view.forecast.entry.as_of.date()]
    parts = [
        _FORECAST[language].format(
            issued=_day(view.forecast.entry.issued_at.date(), language),
            last=_month(max(until), language),
            first=_month(min(until), language),
        ),
        _QUALITY[language][view.quality.state],
    ]
    regime = view.forecast.entry.regime
    if regime is not None and regime.direction is not None:
        since = _month(date.fromisoformat(f"{regime.since}-01"), language)
        parts.append(_REGIME[language][regime.direction].format(since=since))
    if view.buffer is not None and view.totals is not None:
        advice = view.buffer.document.advice
        parts.append(
            _ADVICE[language].format(
                places=_count(advice.recommended.outcome.places, language),
                reserve=_count(advice.recommended.reserve_places, language),
                first=_month(date.fromisoformat(f"{advice.window.first}-01"), language),
                last=_month(date.fromisoformat(f"{advice.window.last}-01"), language),
                open=_count(view.totals.open, language),
            )
        )
    return " ".join(parts)


def _month(day: date, language: str) -> str:
    months: Mapping[str, list[str]] = _MONTHS
    return f"{months[language][day.month - 1]} {day.year}"


def _day(day: date, language: str) -> str:
    return f"{day.day} {_month(day, language)}"


def _count(number: int, language: str) -> str:
    return f"{number:,}".replace(",", "." if language == "nl" else ",")

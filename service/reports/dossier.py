# SPDX-License-Identifier: EUPL-1.2
"""The board's dossier: the page as one file, with all that is needed to repeat it years later."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from models.errors import NotFound
from models.planning.buffer.tiers import TIER_ORIGINS, TierName, usual_tiers
from models.planning.costs import COST_ORIGINS, Basis, CostParameters
from models.planning.portfolio.capacity_plan import PlanSettings
from models.planning.portfolio.supply import SUPPLY_ORIGINS
from models.planning.register.criteria import WEIGHT_ORIGINS
from service.language import Language
from service.storage.desk import Desk
from service.storage.registers import Register
from service.usecases.documents import BufferDocument, BufferRequest, Given, PlanDocument
from service.usecases.overview import overview
from service.web.read import read_page
from service.web.render import render_standalone
from training.store.forecasts import ForecastEntry

__all__ = ["Parameter", "Record", "read_record", "render_dossier"]

_FORMS = {
    "occupancy_norm": "percent",
    "lending_limit": "percent",
    "relative_gap": "tenths",
    "maximum_cost_eur": "euros",
    "maximum_half_year_eur": "euros",
    "maximum_spread_deviation": "tenths",
    "alternative_slack": "tenths",
    "alternative_difference": "tenths",
    "late_chance": "percent",
    "later_chance": "percent",
    "failure_chance": "percent",
}
"""How a setting of the plan is written where it is not a plain number."""

_PARTS = {"supply": SUPPLY_ORIGINS, "criteria": WEIGHT_ORIGINS}
"""Settings that have parts, with where each part comes from."""

_PUBLISHED_NORM = (0.91, "COA (November 2023): places needed = expected occupancy / 91%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that the advice or the plan rests on.

    Attributes:
        name: Identifier; texts hold its name in words.
        tier: Tier of the buffer that it is about; None for all others.
        value: The value; None where nothing was asked.
        form: How it is written.
        basis: Fact, derived or assumption; None where it was given with the request.
        source: Where it comes from; empty where nobody has published it.
    """

    name: str
    value: float | None
    form: str
    basis: Basis | None
    source: str = ""
    tier: TierName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is needed to repeat the run.

    Attributes:
        forecast: What is said about the forecast.
        register: The location register that was planned on.
        buffer: The buffer advice as it was given.
        plan: The location plan as it was given.
        prices: What places cost, with where each price comes from.
        tiers: Terms of the tiers of the buffer, with where each comes from.
        settings: What the plan was asked to do.
        assumed: Fields of the register that are assumptions, with how many lines.
    """

    forecast: ForecastEntry
    register: Register
    buffer: Given[BufferDocument]
    plan: Given[PlanDocument]
    prices: tuple[Parameter, ...]
    tiers: tuple[Parameter, ...]
    settings: tuple[Parameter, ...]
    assumed: tuple[tuple[str, int], ...]


def render_dossier(desk: Desk, *, norm: float, language: Language) -> str:
    """The dossier of the latest forecast as HTML that needs nothing else.

    Args:
        desk: Where everything lies.
        norm: Share of the places that may be occupied, where no advice says so [-].
        language: Of every sentence.

    Raises:
        NotFound: there is no forecast, or no advice or plan on it.
    """
    record = read_record(desk)
    page = read_page(desk, norm=norm, as_issued=True)
    if page is None:
        raise NotFound("forecast", "latest")
    return render_standalone(page, language=language, record=record)


def read_record(desk: Desk) -> Record:
    """What is needed to repeat the latest forecast, advice and plan.

    Raises:
        NotFound: there is no forecast, or no advice or plan on it.
    """
    seen = overview(desk)
    if seen.forecast is None:
        raise NotFound("forecast", "latest")
    entry = seen.forecast.entry
    if seen.buffer is None or seen.buffer.document.request.forecast_id != entry.forecast_id:
        raise NotFound("buffer advice on forecast", entry.forecast_id)
    if seen.plan is None or seen.plan.document.request.forecast_id != entry.forecast_id:
        raise NotFound("capacity plan on forecast", entry.forecast_id)
    request = seen.plan.document.request
    register = desk.registers.get(request.register_id)
    counted = Counter(field for location in register.locations for field in location.assumed)
    return Record(
        forecast=entry,
        register=register,
        buffer=seen.buffer,
        plan=seen.plan,
        prices=tuple(_prices(request.settings.costs)),
        tiers=tuple(_tiers(seen.buffer.document.request)),
        settings=tuple(_settings(request.settings)),
        assumed=tuple(sorted(counted.items())),
    )


def _prices(costs: CostParameters) -> Iterator[Parameter]:
    published = CostParameters()
    for name, origin in COST_ORIGINS.items():
        value = getattr(costs, name)
        is_ours = value == getattr(published, name)
        yield Parameter(
            name=name,
            value=value,
            form="euros",
            basis=origin.basis if is_ours else None,
            source=origin.source if is_ours else "",
        )


def _tiers(request: BufferRequest) -> Iterator[Parameter]:
    usual = {tier.name: tier for tier in usual_tiers(CostParameters())}
    for tier in request.tiers:
        for name, origin in TIER_ORIGINS[tier.name].items():
            value = getattr(tier, name)
            # What is lent most follows from the register, so no usual value can be compared with.
            is_ours = name == "most_places" or value == getattr(usual[tier.name], name)
            yield Parameter(
                name=name,
                value=value,
                form="euros" if name.endswith("_eur") else "number",
                basis=origin.basis if is_ours else None,
                source=origin.source if is_ours else "",
                tier=tier.name,
            )


def _settings(settings: PlanSettings) -> Iterator[Parameter]:
    usual = PlanSettings()
    for field in fields(settings):
        if field.name in _PARTS:
            yield from _part(getattr(settings, field.name), getattr(usual, field.name), field.name)
        if field.name in {"costs", *_PARTS}:
            continue
        value = getattr(settings, field.name)
        basis, source = Basis.ASSUMPTION if value == getattr(usual, field.name) else None, ""
        if field.name == "occupancy_norm" and value == _PUBLISHED_NORM[0]:
            basis, source = Basis.FACT, _PUBLISHED_NORM[1]
        form = _FORMS.get(field.name, "number")
        yield Parameter(name=field.name, value=value, form=form, basis=basis, source=source)


def _part(given: Any, usual: Any, name: str) -> Iterator[Parameter]:
    """The values of a setting that has parts."""
    for part, origin in _PARTS[name].items():
        value = getattr(given, part)
        is_ours = value == getattr(usual, part)
        yield Parameter(
            name=part,
            value=value,
            form=_FORMS.get(part, "euros"),
            basis=origin.basis if is_ours else None,
            source=origin.source if is_ours else "",
        )

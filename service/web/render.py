# SPDX-License-Identifier: EUPL-1.2
"""From a view and a language to HTML."""

import hashlib
from datetime import date
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.inflow.regime import RegimeVerdict
from models.planning.register.locations import Location, LocationStatus
from service.buffer_words import warning_sentence
from service.language import Language, Wording, wording_of
from service.plan_words import explain
from service.web.official import OfficialYear
from service.web.pictures import counted, pictures
from service.web.plan_view import Choice
from service.web.stage_chart import tint
from service.web.view import Page
from training.store.records import Quality

__all__ = ["STATIC", "render_away", "render_empty", "render_page", "render_standalone"]

_HERE = Path(__file__).parent
STATIC = {path.name: path for path in sorted((_HERE / "static").iterdir())}
"""Every file that a page may ask for, by name."""


_MEASURES = (
    ("cost_eur", "euros"),
    ("extra_eur", "euros"),
    ("chance_sufficient", "percent"),
    ("missing_place_months", "rounded"),
    ("worst_missing_place_months", "rounded"),
    ("empty_place_months", "rounded"),
    ("openings", "number"),
    ("closures", "number"),
    ("places_moved", "rounded"),
    ("children_moved", "rounded"),
    ("spread_deviation", "tenths"),
    ("lent_place_months", "rounded"),
    ("difference", "tenths"),
)
"""What is told of every alternative plan, and how it is written."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = _static_address
    environment.globals["sheet"] = _style_sheet
    return environment


@cache
def _static_address(name: str) -> str:
    """Where a file is, with its hash, so that a browser may keep it and still sees a new one."""
    digest = hashlib.sha256(STATIC[name].read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _style_sheet(name: str) -> Markup:
    """A style sheet of our own as it stands, for a file that must need nothing else."""
    return Markup(STATIC[name].read_text(encoding="utf-8"))  # noqa: S704 - part of the program


@lru_cache(maxsize=32)
def render_page(page: Page, *, language: Language, choice: Choice) -> str:
    """The page in a language, with the lines of the plan that were chosen."""
    wording = wording_of(language)
    return _render("page.html.j2", wording, choice, **_shown(page, wording, choice))


def render_standalone(page: Page, *, language: Language, record: object) -> str:
    """The page as one file that needs nothing else, with the record of how it came about.

    Args:
        page: What is shown.
        language: Of every sentence.
        record: What record.html.j2 shows of the run.
    """
    wording, everything = wording_of(language), Choice()
    shown = _shown(page, wording, everything)
    return _render("page.html.j2", wording, everything, standalone=True, record=record, **shown)


def _shown(page: Page, wording: Wording, choice: Choice) -> dict[str, Any]:
    return {
        "page": page,
        "charts": pictures(page, wording),
        "counted": counted(page, wording),
        "chosen": page.plan.chosen(choice) if page.plan else {},
        "warned": partial(warning_sentence, wording),
    }


def render_empty(*, language: Language) -> str:
    """What stands in its place while no forecast has been issued."""
    return _render("empty.html.j2", wording_of(language), Choice())


def render_away(*, language: Language) -> str:
    """What stands in its place while the database cannot be reached."""
    return _render("away.html.j2", wording_of(language), Choice())


def _render(
    template: str, wording: Wording, choice: Choice, *, standalone: bool = False, **facts: object
) -> str:
    def address(path: str = "/", **changes: str) -> str:
        asked = {
            "lang": wording.language.value,
            "province": choice.province,
            "action": choice.action,
            "when": choice.when,
            **changes,
        }
        given = {name: entry for name, entry in asked.items() if entry}
        return f"{path}?{urlencode(given)}"

    spoken = {
        "explain": partial(explain, wording),
        "basis": partial(_basis, wording),
        "reasons": partial(_reasons, wording),
        "ministry": partial(_ministry, wording),
        "alarm": partial(_alarm, wording),
        "component": partial(_component, wording),
        "named": wording.title,
        "wait": partial(_wait, wording),
        "tint": tint,
        "measures": _MEASURES,
    }
    page = _environment().get_template(template)
    return page.render(
        w=wording, choice=choice, standalone=standalone, address=address, **spoken, **facts
    )


def _reasons(wording: Wording, quality: Quality) -> str:
    """Why a forecast may be relied on less than intended."""
    said = [
        wording.say(f"reason.{code}")
        if wording.has(f"reason.{code}")
        else wording.say("reason.other", code=code)
        for code in quality.reasons
    ]
    return f"{'; '.join(said)}." if said else ""


def _alarm(wording: Wording, regime: RegimeVerdict | None) -> str:
    """Whether the inflow still looks as the model learned, since when, and how sure."""
    if regime is None:
        return ""
    if regime.direction is None:
        return wording.say(f"regime.{regime.state}")
    return wording.say(
        f"regime.{regime.direction}",
        since=date.fromisoformat(f"{regime.since}-01"),
        years=regime.once_in_years,
    )


def _component(wording: Wording, series_id: str) -> str:
    """A kind of inflow or a nationality in words; the name of its series where there are none."""
    kind = f"component.{series_id.removeprefix('nl.inflow.').replace('.', '_')}"
    nationality = f"nationality.{series_id.rpartition('.')[2]}"
    named = (key for key in (kind, nationality) if wording.has(key))
    return next((wording.say(key) for key in named), series_id)


def _wait(wording: Wording, months: float, longest: float) -> str:
    """A wait in whole months; one that is as long as can be told apart may be longer."""
    if months >= longest:
        return wording.say("inside.or_longer", months=int(longest))
    return wording.number(months)


def _ministry(wording: Wording, row: OfficialYear) -> str:
    """What was published of an official forecast: its middle, its range, or both."""
    ends = {"low": row.official_low, "high": row.official_high}
    given = "_".join(name for name, persons in ends.items() if persons is not None)
    said = [] if row.official_middle is None else [wording.number(row.official_middle)]
    if given:
        said.append(wording.say(f"official.{given}", **ends))
    return "; ".join(said)


def _basis(wording: Wording, location: Location) -> str:
    """Whether the number of places and the terms of a location are facts."""
    candidate = location.status is LocationStatus.CANDIDATE
    places = {"technical_places", "contractual_places"} if candidate else {"places"}
    keys = (
        "plan.assumption" if places & set(location.assumed) else "plan.fact",
        "plan.terms_assumption" if "agreement_end" in location.assumed else "plan.terms_fact",
    )
    return "; ".join(wording.say(key) for key in keys)

# SPDX-License-Identifier: EUPL-1.2
"""From a view and a language to HTML."""

import hashlib
from functools import cache, lru_cache, partial
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.planning.capacity_plan import PlanLine, ReasonCode
from models.planning.locations import Location, LocationStatus
from service.web.language import Language, Wording, wording_of
from service.web.pictures import pictures
from service.web.plan_view import Choice
from service.web.view import Page
from training.store.records import Quality

__all__ = ["STATIC", "render_empty", "render_page", "why"]

_HERE = Path(__file__).parent
STATIC = {path.name: path for path in sorted((_HERE / "static").iterdir())}
"""Every file that a page may ask for, by name."""


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
    return environment


@cache
def _static_address(name: str) -> str:
    """Where a file is, with its hash, so that a browser may keep it and still sees a new one."""
    digest = hashlib.sha256(STATIC[name].read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@lru_cache(maxsize=32)
def render_page(page: Page, *, language: Language, choice: Choice) -> str:
    """The page in a language, with the lines of the plan that were chosen."""
    wording = wording_of(language)
    return _render(
        "page.html.j2",
        wording,
        choice,
        page=page,
        charts=pictures(page, wording),
        chosen=page.plan.chosen(choice) if page.plan else {},
    )


def render_empty(*, language: Language) -> str:
    """What stands in its place while no forecast has been issued."""
    return _render("empty.html.j2", wording_of(language), Choice())


def _render(template: str, wording: Wording, choice: Choice, **facts: object) -> str:
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
        "why": partial(why, wording),
        "basis": partial(_basis, wording),
        "reasons": partial(_reasons, wording),
    }
    page = _environment().get_template(template)
    return page.render(w=wording, choice=choice, address=address, **spoken, **facts)


def _reasons(wording: Wording, quality: Quality) -> str:
    """Why a forecast may be relied on less than intended."""
    said = [
        wording.say(f"reason.{code}")
        if wording.has(f"reason.{code}")
        else wording.say("reason.other", code=code)
        for code in quality.reasons
    ]
    return f"{'; '.join(said)}." if said else ""


def why(wording: Wording, line: PlanLine) -> str:
    """The reason of an action as a sentence."""
    facts = dict(line.facts)
    if line.reason is ReasonCode.DEMANDED:
        facts["demand"] = wording.say(f"demand.{facts['demand']}")
    return wording.say(f"why.{line.reason.value}", **facts)


def _basis(wording: Wording, location: Location) -> str:
    """Whether the number of places and the terms of a location are facts."""
    places = "places_possible" if location.status is LocationStatus.CANDIDATE else "places"
    keys = (
        "plan.assumption" if places in location.assumed else "plan.fact",
        "plan.terms_assumption" if "agreement_end" in location.assumed else "plan.terms_fact",
    )
    return "; ".join(wording.say(key) for key in keys)

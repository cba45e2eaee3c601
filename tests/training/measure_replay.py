# SPDX-License-Identifier: EUPL-1.2
"""Show a replay file as the tables and the picture of docs/replay.md.

python -m tests.training.measure_replay REPLAY.json [--plot FILE.svg]
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.web.svg import Scale, node, points, ticks

COLOURS = {
    "realised": "#222222",
    "advice": "#154273",
    "house_rule": "#c05000",
    "official_plan": "#7a7a7a",
    "perfect_foresight": "#2f7d32",
}
NAMES = {
    "realised": "need, over the norm",
    "advice": "advice",
    "house_rule": "house rule",
    "official_plan": "official plan",
    "perfect_foresight": "perfect foresight",
}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left and the others to the right."""
    ruler = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ruler, *rows])


def millions(euros: float) -> str:
    """Euros as whole millions."""
    return f"{euros / 1e6:,.0f}"


def sure(value: float, spread: Sequence[float], *, unit: float = 1.0, digits: int = 0) -> str:
    """A sum, and the interval it could have come out in."""
    said, low, high = (f"{each / unit:,.{digits}f}" for each in (value, *spread))
    return f"{said} ({low} to {high})"


def policies(replay: Mapping[str, Any]) -> str:
    """What every policy came to, with its intervals."""
    rows = []
    for policy in replay["policies"]:
        name, spread = policy["name"], replay["intervals_80"][policy["name"]]
        ratio = replay["relative_to_house_rule"][name]
        without = replay["relative_without_standby"][name]
        above, relative = "cost_above_foresight_eur", "relative_to_house_rule"
        rows.append(
            [
                name,
                millions(policy["cost_eur"]),
                sure(policy[above], spread[above], unit=1e6),
                sure(ratio, spread[relative], digits=2),
                f"{without:.2f}",
                *(
                    sure(policy[each], spread[each], unit=1e3)
                    for each in (
                        *("empty_place_months", "reserve_place_months"),
                        "missing_place_months",
                    )
                ),
                *(
                    sure(policy[each], spread[each])
                    for each in ("openings", "closures", "reopenings_within_12_months")
                ),
            ]
        )
    header = [
        *("Policy", "Cost [EUR million]", "above foresight", "of the house rule's"),
        *("the same, empty places without staff", "Empty [1,000 place·months]"),
        *("of which in reserve", "Missing [1,000 place·months]"),
        *("Openings", "Closures", "Reopened within 12 months"),
    ]
    return table(header, rows)


def decisions(replay: Mapping[str, Any]) -> str:
    """What was expected, what came, and what each policy held."""
    rows = []
    for decision in replay["decisions"]:
        said, regret = decision["forecast_persons"], decision["cost_above_foresight_eur"]
        rows.append(
            [
                decision["decided_at"],
                decision["period"],
                f"{said['median']:,} ({said['low_80']:,} to {said['high_80']:,})",
                f"{decision['realised_persons']:,}",
                *(
                    f"{decision['places'][name]:,}"
                    for name in ("advice", "house_rule", "official_plan", "perfect_foresight")
                ),
                millions(regret["advice"]),
                millions(regret["house_rule"]),
            ]
        )
    header = [
        *("Decided", "For the half-year from", "Expected at its end (80 % range)", "Came"),
        *("Advice [places]", "House rule", "Official plan", "Foresight"),
        *("Advice above foresight [EUR million]", "House rule"),
    ]
    return table(header, rows)


def cases(replay: Mapping[str, Any]) -> str:
    """The named decisions, with the chances as they would have been stated."""
    rows = []
    for name, case in replay["cases"].items():
        said = case["forecast_persons"]
        numbers = [
            f"{case[f'{which}_places']:,} ({case[f'chance_{which}_suffices']:.0%})"
            for which in ("official", "house_rule", "advised")
        ]
        rows.append(
            [
                name,
                case["target"],
                f"{said['median']:,} ({said['low_80']:,} to {said['high_80']:,})",
                f"{case['outcome_persons']:,}",
                *numbers,
            ]
        )
    header = [
        *("Decision", "For", "Persons: median (80 % range)", "Came"),
        *("Official places", "House rule", "Advice"),
    ]
    return table(header, rows)


def curve(case: Mapping[str, Any]) -> str:
    """The chance that a number of places suffices, by a few thousand."""
    told = [point for point in case["chance_suffices"] if point["places"] % 3_000 == 0]
    return table(
        ["Places", *(f"{point['places']:,}" for point in told)],
        [["Chance that they suffice", *(f"{point['chance']:.0%}" for point in told)]],
    )


def months(case: Mapping[str, Any]) -> str:
    """The need month by month, as it would have been stated."""
    return table(
        ["End of", *(month["period"] for month in case["months"])],
        [
            ["Median", *(f"{month['median']:,}" for month in case["months"])],
            [
                "80 % range",
                *(f"{month['low_80']:,} to {month['high_80']:,}" for month in case["months"]),
            ],
        ],
    )


def drawing(replay: Mapping[str, Any]) -> str:
    """Places held by each policy, beside the places that the need would have filled."""
    norm = replay["assumptions"]["occupancy_norm"]
    lines = {"realised": [each["realised_persons"] / norm for each in replay["decisions"]]}
    for name in NAMES:
        if name != "realised":
            lines[name] = [each["places"][name] for each in replay["decisions"]]
    count = len(replay["decisions"])
    rises = ticks(max(map(max, lines.values())))
    across = Scale(low=0, high=count - 1, start=60, end=700)
    up = Scale(low=0, high=rises[-1], start=300, end=20)
    grid = [
        node("text", f"{value:,.0f}", x=54, y=up(value) + 4, text_anchor="end")
        + node("line", x1=60, x2=700, y1=up(value), y2=up(value), stroke="#dddddd")
        for value in rises
    ]
    years = [
        node("text", each["period"][:4], x=across(place), y=318, text_anchor="middle")
        for place, each in enumerate(replay["decisions"])
        if each["period"].endswith("-01") and int(each["period"][:4]) % 2 == 1
    ]
    drawn = [
        node(
            "path",
            d=points([across(place) for place in range(count)], [up(value) for value in values]),
            fill="none",
            stroke=COLOURS[name],
            stroke_width=3.0 if name in {"realised", "advice"} else 1.5,
            stroke_dasharray="5 4" if name in {"official_plan", "perfect_foresight"} else "none",
        )
        for name, values in lines.items()
    ]
    legend = [
        node("line", x1=720, x2=744, y1=40 + 22 * place, y2=40 + 22 * place, stroke=COLOURS[name])
        + node("text", NAMES[name], x=750, y=44 + 22 * place)
        for place, name in enumerate(NAMES)
    ]
    return node(
        "svg",
        node("title", "Places held by each policy in the replay"),
        node(
            "desc",
            "Places by half-year: the advice, the house rule, the official plan and perfect "
            "foresight, beside the need as it turned out, divided by the occupancy norm.",
        ),
        node("rect", x=0, y=0, width=900, height=330, fill="#ffffff"),
        *grid,
        *years,
        *drawn,
        *legend,
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 900 330",
        role="img",
        font_family="sans-serif",
        font_size=12.0,
    )


def main() -> None:
    """Print every table, and draw if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path, help="what `getij replay --out` wrote")
    parser.add_argument("--plot", type=Path, help="write the places of every policy as SVG")
    asked = parser.parse_args()
    replay = json.loads(asked.file.read_text(encoding="utf-8"))
    print(policies(replay), decisions(replay), cases(replay), sep="\n\n")
    for name, case in replay["cases"].items():
        print(f"\n{name}\n", months(case), "", curve(case), sep="\n")
    if asked.plot:
        asked.plot.write_text(f"{drawing(replay)}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

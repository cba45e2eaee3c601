# SPDX-License-Identifier: EUPL-1.2
"""What the page says the inflow is made of: by hand on three futures, then on real figures."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from models.catalogue import Status
from models.periods import Frequency, first_day, month_range
from models.types import SamplePaths
from service.language import Language
from service.storage.desk import Desk
from service.web.components import Beside, present_components
from service.web.plan_view import Choice
from service.web.read import read_page
from service.web.render import render_page
from training.store.records import (
    Composition,
    IssuedForecast,
    KnownBasis,
    Observation,
    Quality,
    QualityState,
    Snapshot,
)

ISSUED = datetime(2026, 2, 10, tzinfo=UTC)
PARTS = {"all": ("large", "small"), "large": ("large.known", "large.other")}
PER_MONTH = {"all": 10, "large": 7, "small": 3, "large.known": 2}
"""What each series counted in every month up to December 2025: made up."""


def figures(series_id: str, persons: float, *, months: int = 24) -> list[Observation]:
    first = np.datetime64("2025-12") - months + 1
    return [
        Observation(
            series_id=series_id,
            period=first_day(month),
            value=persons,
            known_at=ISSUED,
            known_basis=KnownBasis.ASSUMED,
            status=Status.OBSERVED,
            source="test",
        )
        for month in month_range(first, months)
    ]


def snapshot(**months: int) -> Snapshot:
    rows = [
        row
        for name, persons in PER_MONTH.items()
        for row in figures(name, persons, months=months.get(name, 24))
    ]
    return Snapshot(
        known_at=ISSUED, definitions=(), observations=(*rows, *figures("beside", 5, months=1))
    )


def forecast(*, horizon: int = 24) -> IssuedForecast:
    """Three futures from January 2026: 100, 200 and 300 persons in every month, equally divided."""
    whole = np.array([100.0, 200.0, 300.0])[:, None, None]
    shares = np.array([1.0, 0.6, 0.4, 0.5, 0.1])[None, :, None]
    names = ("all", "large", "small", "large.known", "large.other")
    inflow = SamplePaths(
        series_ids=names,
        frequency=Frequency.MONTH,
        origins=np.array(["2025-12"] * 5, dtype="datetime64[M]"),
        persons=np.tile(whole * shares, (1, 1, horizon)),
    )
    return IssuedForecast(
        issued_at=ISSUED,
        as_of=ISSUED,
        snapshot_sha256="a" * 64,
        artefact_id="a" * 64,
        code_version="0.1.0",
        seed=1,
        data_until={},
        quality=Quality(state=QualityState.OK),
        coverage=(),
        inflow=inflow,
        need=inflow,
        composition=Composition(
            parts=PARTS,
            until=dict.fromkeys(names[1:], "2025-12"),
            left_out=("beside", "never.counted"),
        ),
    )


def shown(**months: int):
    return present_components(forecast(), snapshot=snapshot(**months), total="all")


class TestComponents:
    def test_sets_a_year_of_figures_beside_a_year_of_futures(self):
        found = shown()

        assert found.past == (date(2025, 1, 1), date(2025, 12, 31))
        assert found.coming == (date(2026, 3, 1), date(2027, 2, 28))
        total = found.rows[0]
        assert (total.series_id, total.depth, total.past) == ("all", 0, 120)
        assert (total.median, total.share) == (2_400, 1)
        assert (total.low, total.high) == pytest.approx((1_440, 3_360))

    def test_lists_each_part_under_its_whole(self):
        assert [(row.series_id, row.depth) for row in shown().rows] == [
            ("all", 0),
            ("large", 1),
            ("large.known", 2),
            ("large.other", 2),
            ("small", 1),
        ]

    def test_gives_a_rest_what_the_other_parts_leave(self):
        past = {row.series_id: row.past for row in shown().rows}

        assert past["large.other"] == 12 * (7 - 2)

    def test_says_so_where_a_month_is_missing(self):
        past = {row.series_id: row.past for row in shown(**{"large.known": 11}).rows}

        assert past["large.known"] is None
        assert past["large.other"] is None
        assert past["large"] == 84

    def test_names_what_is_left_out_as_far_as_it_was_ever_counted(self):
        assert shown().beside == (Beside(series_id="beside", persons=5, year=2025),)

    def test_is_not_shown_where_nothing_is_divided_or_less_than_a_year_is_ahead(self):
        plain = replace(forecast(), composition=Composition())

        assert present_components(plain, snapshot=snapshot(), total="all") is None
        short = forecast(horizon=13)
        assert present_components(short, snapshot=snapshot(), total="all") is None


class TestOnThePage:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            (Language.NL, ("Waaruit de instroom bestaat", "Nareizigers", "Syrië", "570 in 2024")),
            (Language.EN, ("What the inflow is made of", "Family reunification", "Syria")),
        ],
    )
    def test_every_kind_and_nationality_has_its_name(self, desk: Desk, language, said):
        page = read_page(desk, norm=0.91)

        html = render_page(page, language=language, choice=Choice())

        for words in said:
            assert words in html
        tables = html[html.index('id="components-table"') : html.index('id="buffer"')]
        assert "nl.inflow" not in tables
        assert len(page.components.rows) == 20

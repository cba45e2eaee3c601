# SPDX-License-Identifier: EUPL-1.2
"""Elements, scales and ticks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.web.svg import Scale, node, points, spread, ticks

pixels = st.floats(0, 400, allow_nan=False)


class TestNode:
    def test_escapes_what_it_is_given(self):
        drawn = node("text", "<script>alert(1)</script>", class_='a"b', stroke_width=1.25)

        assert drawn == (
            '<text class="a&#34;b" stroke-width="1.2">&lt;script&gt;alert(1)&lt;/script&gt;</text>'
        )

    def test_keeps_its_children(self):
        assert node("g", node("circle", r=3)) == '<g><circle r="3"></circle></g>'


class TestScale:
    def test_draws_the_lowest_value_at_its_start_and_the_highest_at_its_end(self):
        up = Scale(low=0, high=200, start=300, end=100)

        assert [up(0), up(50), up(200)] == [300, 250, 100]


class TestTicks:
    def test_are_round_and_reach_past_the_highest_value(self):
        assert ticks(149_000) == [0, 50_000, 100_000, 150_000]
        assert ticks(4_100) == [0, 1_000, 2_000, 3_000, 4_000, 5_000]

    def test_exist_when_there_is_nothing_to_draw(self):
        assert ticks(0) == [0, 1]

    @given(high=st.floats(1e-3, 1e9))
    def test_are_few_and_evenly_spaced(self, high: float):
        marks = ticks(high)

        assert marks[-1] >= high * (1 - 1e-9)
        assert marks[-2] < high
        assert 2 <= len(marks) <= 7


class TestPoints:
    def test_writes_a_path(self):
        assert points([1, 2], [3.25, 4]) == "M1.0,3.2L2.0,4.0"


class TestSpread:
    def test_leaves_alone_what_is_far_apart(self):
        assert spread([100, 50], gap=20, low=0, high=400) == [100, 50]

    def test_moves_apart_what_would_overlap(self):
        assert spread([100, 101], gap=20, low=0, high=400) == [100, 120]

    @given(wanted=st.lists(pixels, min_size=1, max_size=8))
    def test_never_lets_two_labels_overlap_or_swap(self, wanted: list[float]):
        placed = spread(wanted, gap=20, low=0, high=400)
        in_order = [placed[index] for index in sorted(range(len(wanted)), key=wanted.__getitem__)]

        assert all(after - before >= 20 - 1e-9 for before, after in pairwise(in_order))
        assert all(position <= 400 for position in placed)

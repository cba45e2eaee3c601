# SPDX-License-Identifier: EUPL-1.2
"""Marks for loose points: one shape per definition, told apart without any colour."""

from markupsafe import Markup

from service.web.svg import node, points

__all__ = ["SHAPES", "marker"]

_ROUND: tuple[tuple[float, float], ...] = ()
_SQUARE = ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85))
_UP = ((0.0, -1.15), (1.1, 0.85), (-1.1, 0.85))
_DIAMOND = ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0))
_DOWN = tuple((x, -y) for x, y in _UP)
_PLUS = (
    *((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)),
    *((0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
)
_CROSS = tuple((0.71 * (x - y), 0.71 * (x + y)) for x, y in _PLUS)
_RIGHT = tuple((-y, x) for x, y in _UP)
_LEFT = tuple((y, x) for x, y in _UP)
_GLASS = ((-1.1, -1.1), (1.1, -1.1), (-1.1, 1.1), (1.1, 1.1))

SHAPES = (_ROUND, _SQUARE, _UP, _DIAMOND, _DOWN, _PLUS, _CROSS, _RIGHT, _LEFT, _GLASS)
"""Corners of each shape around its middle, in radii; the first is a circle."""


def marker(shape: int, *, x: float, y: float, mark: str, radius: float = 4.0) -> Markup:
    """One point.

    Args:
        shape: Which shape; after the last the first comes again.
        x: Of its middle [pixels].
        y: Of its middle [pixels].
        mark: `firm` is filled, `soft` is hollow.
        radius: Half its width [pixels].
    """
    corners = SHAPES[shape % len(SHAPES)]
    kind = f"dot dot-{mark}"
    if not corners:
        return node("circle", cx=x, cy=y, r=radius, class_=kind)
    xs = [x + radius * across for across, _ in corners]
    ys = [y + radius * down for _, down in corners]
    return node("path", d=points(xs, ys) + "Z", class_=kind)

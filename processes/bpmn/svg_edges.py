"""Lines of a drawing: rounded corners, arrow heads as shapes of their own, labels beside them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from processes.bpmn.svg_icons import n

Point = tuple[float, float]
RADIUS = 7.0


def rounded(points: Sequence[Point], shorten: float = 0.0) -> str:
    """Path data through points with rounded corners; the last part is shortened to make room for an arrow."""
    pts = list(points)
    if shorten:
        pts[-1] = toward(pts[-1], pts[-2], shorten)
    data = [f"M{n(pts[0][0])} {n(pts[0][1])}"]
    for before, corner, after in zip(pts, pts[1:], pts[2:], strict=False):
        radius = min(RADIUS, distance(before, corner) / 2, distance(corner, after) / 2)
        enter, leave = toward(corner, before, radius), toward(corner, after, radius)
        data.append(f"L{n(enter[0])} {n(enter[1])}Q{n(corner[0])} {n(corner[1])} {n(leave[0])} {n(leave[1])}")
    data.append(f"L{n(pts[-1][0])} {n(pts[-1][1])}")
    return "".join(data)


def distance(a: Point, b: Point) -> float:
    """The distance of two points."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def toward(start: Point, goal: Point, length: float) -> Point:
    """The point `length` away from `start` on the way to `goal`."""
    whole = distance(start, goal)
    share = length / whole if whole else 0.0
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share


def arrow(points: Sequence[Point], style: str = "rd-arrow", length: float = 9.0, half: float = 3.8) -> str:
    """An arrow head at the end of a line; style "rd-arrow" is filled, "rd-open" hollow, "rd-angle" two strokes."""
    tip, back = points[-1], toward(points[-1], points[-2], length)
    across = ((tip[1] - back[1]) / length * half, (back[0] - tip[0]) / length * half)
    left, right = (back[0] + across[0], back[1] + across[1]), (back[0] - across[0], back[1] - across[1])
    close = "" if style == "rd-angle" else "Z"
    data = "L".join(f"{n(x)} {n(y)}" for x, y in (left, tip, right))
    return f'<path class="{style}" d="M{data}{close}"/>'


def start_sign(points: Sequence[Point], sign: str) -> str:
    """What stands at the beginning of a line: "default" slash, "condition" diamond, "message" circle."""
    start, following = points[0], points[1]
    if sign == "message":
        at = toward(start, following, 3.5)
        return f'<circle class="rd-open" cx="{n(at[0])}" cy="{n(at[1])}" r="3.5"/>'
    whole = distance(start, following) or 1.0
    along = ((following[0] - start[0]) / whole, (following[1] - start[1]) / whole)
    across = (-along[1], along[0])

    def at_(forward: float, side: float) -> str:
        x = start[0] + along[0] * forward + across[0] * side
        y = start[1] + along[1] * forward + across[1] * side
        return f"{n(x)} {n(y)}"

    if sign == "default":
        return f'<path d="M{at_(7, -5)}L{at_(13, 5)}"/>'
    corners = "L".join((at_(0, 0), at_(7, -4), at_(14, 0), at_(7, 4)))
    return f'<path class="rd-open" d="M{corners}Z"/>'


def middle_of(points: Sequence[Point]) -> Point:
    """The middle of a line, along its way."""
    parts = list(itertools.pairwise(points))
    left = sum(distance(*part) for part in parts) / 2
    for a, b in parts:
        length = distance(a, b)
        if left <= length:
            return toward(a, b, left)
        left -= length
    return points[-1]


def label_place(points: Sequence[Point]) -> tuple[float, float, str]:
    """Where a line's label goes when the file does not say: x, y of its first baseline and its anchor."""
    parts = list(itertools.pairwise(points))
    # the first part that is long enough to carry a word, since that is where the choice is made
    a, b = next((p for p in parts if distance(*p) >= 36), max(parts, key=lambda p: distance(*p)))
    if abs(a[1] - b[1]) <= abs(a[0] - b[0]):
        return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - 6, "middle"
    toward_b = 18 if b[1] > a[1] else -12
    return a[0] + 6, a[1] + toward_b, "start"

"""The small signs inside the shapes: kinds of tasks, triggers of events, markers (BPMN 2.0.2, table 7.1 and on).

All are our own paths. Signs are drawn around their centre.
"""

from __future__ import annotations

import math


def n(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def path(data: str, style: str = "rd-icon") -> str:
    """A path of a style."""
    return f'<path class="{style}" d="{data}"/>'


def moved(content: str, x: float, y: float, scale: float = 1.0) -> str:
    """Content drawn around (0, 0), put to a place."""
    size = f" scale({scale:.2f})" if scale != 1.0 else ""
    return f'<g transform="translate({n(x)} {n(y)}){size}">{content}</g>'


# --- tasks: 16 wide, centre (0, 0) -----------------------------------------------------------------------------
def _gear() -> str:
    points = []
    for tooth in range(8):
        for angle, radius in ((-0.28, 5.0), (-0.17, 6.8), (0.17, 6.8), (0.28, 5.0)):
            turn = tooth * math.pi / 4 + angle
            points.append(f"{n(radius * math.cos(turn))} {n(radius * math.sin(turn))}")
    return path("M" + "L".join(points) + "Z") + '<circle class="rd-icon" r="2.2"/>'


_ENVELOPE = "M-6.5 -4.5H6.5V4.5H-6.5Z"
_FLAP = "M-6.5 -4.5L0 1L6.5 -4.5"

TASKS: dict[str, str] = {
    "userTask": path("M0 -6.4A3 3 0 1 1 0 -0.4A3 3 0 1 1 0 -6.4Z") + path("M-5.8 6.4C-5.8 2.6 -3.4 1.6 0 1.6S5.8 2.6 5.8 6.4Z"),
    "manualTask": path(
        "M-6.6 1.4V-1.6C-4.6 -4.6 -3 -5.2 -1 -5.2H0.8C2.4 -5.2 2.4 -3.2 0.8 -3.2H-1.2M0.6 -3.2H5.8C7.2 -3.2 7.2 "
        "-1.2 5.8 -1.2H1.6M1.6 -1.2H6.2C7.6 -1.2 7.6 0.8 6.2 0.8H1.6M1.6 0.8H5.2C6.6 0.8 6.6 2.7 5.2 2.7H1.4M1.4 "
        "2.7H3.8C5.2 2.7 5.2 4.6 3.8 4.6H-2.4C-4.6 4.6 -5.4 3.2 -6.6 1.4"
    ),
    "serviceTask": _gear(),
    "sendTask": path(_ENVELOPE, "rd-icon-full") + path(_FLAP, "rd-icon-cut"),
    "receiveTask": path(_ENVELOPE) + path(_FLAP),
    "businessRuleTask": path("M-6.5 -5.5H6.5V5.5H-6.5ZM-6.5 1.9H6.5M-2.3 -2V5.5")
    + path("M-6.5 -5.5H6.5V-2H-6.5Z", "rd-icon-full"),
    "scriptTask": path("M-3 -6.5H6C3.4 -3.6 6.6 -0.6 4.4 2.6C3.6 4 3 5 3.2 6.5H-5.8C-3.2 3.6 -6.4 0.6 -4.2 -2.6C-3.4 -4 -2.8 "
    "-5 -3 -6.5Z") + path("M-1.6 -3.6H3M-3 0H3M-2.8 3.4H1.8"),
    "callActivity": path("M-4.5 -5V0.5C-4.5 2 -3.6 2.9 -2 2.9H4.6M2 0.2L4.8 2.9L2 5.6"),
}  # fmt: skip


# --- events: radius 18 assumed, scaled by the caller --------------------------------------------------------------
def _clock() -> str:
    ticks = "".join(
        f"M{n(8.6 * math.cos(a))} {n(8.6 * math.sin(a))}L{n(7 * math.cos(a))} {n(7 * math.sin(a))}"
        for a in (step * math.pi / 6 for step in range(12))
    )
    return '<circle class="rd-icon" r="9.8"/>' + path(ticks) + path("M0 -6V0L3.8 2.2")


def _polygon(count: int, radius: float) -> str:
    turns = (step * 2 * math.pi / count - math.pi / 2 for step in range(count))
    return "M" + "L".join(f"{n(radius * math.cos(a))} {n(radius * math.sin(a))}" for a in turns) + "Z"


_PAGE = "M-6.5 -8.5H6.5V8.5H-6.5Z"
_EVENTS: dict[str, str] = {
    "signal": "M0 -8.5L8.4 6.2H-8.4Z",
    "error": "M-8 8L-3.4 -7.6L2 1.2L7.6 -8.2L3.6 7.2L-2.2 -1.2Z",
    "escalation": "M0 -9L6.6 8L0 1.8L-6.6 8Z",
    "link": "M-8.5 -3.2H1.4V-7.6L9 0L1.4 7.6V3.2H-8.5Z",
    "compensate": "M-0.6 -6.6V6.6L-9.4 0ZM8.4 -6.6V6.6L-0.4 0Z",
    "cancel": "M-8 -5.6L-5.6 -8L0 -2.4L5.6 -8L8 -5.6L2.4 0L8 5.6L5.6 8L0 2.4L-5.6 8L-8 5.6L-2.4 0Z",
    "multiple": _polygon(5, 9.2),
    "parallelMultiple": "M-2.4 -8.6H2.4V-2.4H8.6V2.4H2.4V8.6H-2.4V2.4H-8.6V-2.4H-2.4Z",
}


def event_sign(trigger: str, throwing: bool) -> str:
    """The sign of a trigger, filled when the event throws; empty for a none event."""
    style = "rd-icon-full" if throwing else "rd-icon"
    if trigger == "message":
        body, flap = "M-8.5 -6H8.5V6H-8.5Z", "M-8.5 -6L0 1.4L8.5 -6"
        return path(body, style) + path(flap, "rd-icon-cut" if throwing else "rd-icon")
    if trigger == "timer":
        return _clock()
    if trigger == "conditional":
        return path(_PAGE) + path("M-4 -5.4H4M-4 -1.8H4M-4 1.8H4M-4 5.4H4")
    if trigger == "terminate":
        return '<circle class="rd-icon-full" r="9"/>'
    return path(_EVENTS[trigger], style) if trigger in _EVENTS else ""


# --- gateways: half diagonal 25 assumed -----------------------------------------------------------------------------
def gateway_sign(kind: str, parallel_events: bool, instantiate: bool) -> str:
    """The sign inside a gateway's diamond."""
    strong = "rd-icon rd-strong"
    if kind == "exclusiveGateway":
        return path("M-6 -6L6 6M6 -6L-6 6", strong)
    if kind == "parallelGateway":
        return path("M0 -9V9M-9 0H9", strong)
    if kind == "inclusiveGateway":
        return f'<circle class="{strong}" r="8.5"/>'
    if kind == "complexGateway":
        return path("M0 -9V9M-9 0H9M-6.4 -6.4L6.4 6.4M6.4 -6.4L-6.4 6.4", strong)
    rings = '<circle class="rd-icon" r="11.5"/>' + ("" if instantiate else '<circle class="rd-icon" r="9"/>')
    sign = path("M0 -5.4V5.4M-5.4 0H5.4") if parallel_events else path(_polygon(5, 6))
    return rings + sign


MARKERS: dict[str, str] = {
    "parallel": path("M-4.5 -5V5M0 -5V5M4.5 -5V5", "rd-icon rd-strong"),
    "sequential": path("M-5 -4.5H5M-5 0H5M-5 4.5H5", "rd-icon rd-strong"),
    "loop": path("M-2.6 5A5.6 5.6 0 1 1 2.6 5M-6.4 3.4L-2.4 5.2L-3.4 1"),
    "adHoc": path("M-6 1.6C-4 -3.6 -1.6 -2.6 0 0S4 3.6 6 -1.6", "rd-icon rd-strong"),
    "compensation": path("M-0.6 -4V4L-6 0ZM5 -4V4L-0.4 0Z"),
    "collapsed": path("M-6 -6H6V6H-6ZM0 -3.4V3.4M-3.4 0H3.4"),
}

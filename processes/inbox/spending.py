"""How a step spent its time: until somebody had it, while somebody had it, and what that cost.

Both run on the calendar; the cost counts working hours of the house, at the rate that the drawing gives for an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from processes import feel, ports
from processes.bpmn.model import Activity, Model
from processes.runtime.models import HUMAN_KINDS, STATUS

MACHINES = ("serviceTask", "sendTask", "scriptTask", "businessRuleTask")


class Spent(NamedTuple):
    """A step that was left: how it took its time."""

    node_id: str
    kind: str
    status: str
    created: datetime
    assigned: datetime | None
    started: datetime | None
    finished: datetime
    due_at: datetime | None

    @property
    def took(self) -> timedelta:
        """From the moment it was reached to the moment it was left."""
        return self.finished - self.created

    @property
    def taken(self) -> datetime:
        """When somebody had it; for what nobody does, when it was left."""
        began = self.assigned if self.kind in HUMAN_KINDS else self.started if self.kind in MACHINES else None
        return min(max(began, self.created), self.finished) if began is not None else self.finished

    @property
    def missed(self) -> bool | None:
        """Whether it was left after its limit, or taken away at it; None without a limit to judge by."""
        if self.due_at is None or self.status not in (STATUS.DONE, STATUS.CANCELED):
            return None
        if self.status == STATUS.CANCELED:
            return True if self.finished >= self.due_at else None
        return self.finished > self.due_at


@dataclass(frozen=True, slots=True)
class Times:
    """The medians of what was done: as a whole, until somebody had it, with somebody; and the mean working hours with
    somebody, in hours."""

    whole: timedelta | None = None
    waiting: timedelta | None = None
    working: timedelta | None = None
    hours: float | None = None


def middle(lengths: Iterable[timedelta]) -> timedelta | None:
    """The median; of an even number the lower of the two in the middle."""
    ordered = sorted(lengths)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def times_of(rows: list[Spent], *, costed: bool) -> Times:
    """How the rows of one step that were done spent their time. Working hours only where the step is `costed`."""
    done = [row for row in rows if row.status == STATUS.DONE]
    if not done:
        return Times()
    hours = None
    if costed:
        calendar = ports.calendars().for_subject(None)
        worked = sum((calendar.between(row.taken, row.finished) for row in done), timedelta())
        hours = worked / timedelta(hours=1) / len(done)
    return Times(
        middle(row.took for row in done), middle(row.taken - row.created for row in done),
        middle(row.finished - row.taken for row in done), hours,
    )  # fmt: skip


def rates_of(model: Model) -> Mapping[str, float]:
    """What an hour of each step costs, by element, where the drawing gives a number for it."""
    written = {
        node.id: node.task.cost_rate for node in model.nodes.values() if isinstance(node, Activity) and node.task.cost_rate
    }
    found = {name: _number(text) for name, text in written.items()}
    return {name: value for name, value in found.items() if value is not None}


def _number(text: str) -> float | None:
    try:
        value = feel.evaluate(text.removeprefix("="), {}).value
    except feel.FeelSyntaxError:
        return None
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None

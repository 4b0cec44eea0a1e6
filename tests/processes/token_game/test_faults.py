"""The reference is worth something only if it notices a broken engine: faults are planted, and must be found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from processes import api
from processes.runtime.models import ProcessInstance
from processes.runtime.nodes.activities import ActivityActivation
from processes.runtime.nodes.base import Activation, Node
from processes.runtime.nodes.events import EndActivation, EndEvent
from processes.runtime.nodes.gateways import (
    EventGatewayActivation,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)
from processes.runtime.nodes.human import HumanTask
from processes.runtime.nodes.scopes import ScopeActivation
from processes.runtime.nodes.waiting import BoundaryEvent
from tests.processes.token_game.course import Disagreement, compare
from tests.processes.token_game.drawings import drawing

pytestmark = [pytest.mark.django_db]
MOST = 400
"""So many drawings are looked at for one fault; most faults show in the first ten."""


@pytest.fixture(autouse=True)
def _by_hand(clock) -> Iterator[None]:
    with api.by_hand():
        yield


def found_after() -> int:
    """The number of the first drawing in which the engine and the reference part; 0 when they do not."""
    for seed in range(1, MOST + 1):
        pick = random.Random(seed).randrange
        with transaction.atomic():
            try:
                compare(drawing(pick), pick)
            except Disagreement:
                return seed
            finally:
                transaction.set_rollback(True)
    return 0


def first_token_is_enough(self: ParallelGateway, step: Any, row: Any) -> None:
    self.fire(step, [row], row)


def goes_on_with_what_it_has(self: InclusiveGateway, step: Any, parent: Any) -> Any:
    return self.first_by_flow(self.waiting(step, parent)) or None


def waits_for_all(self: InclusiveGateway, step: Any, parent: Any) -> Any:
    found = self.first_by_flow(self.waiting(step, parent))
    return found if len(found) == len(self.incoming_flows) else None


def default_as_well(self: InclusiveGateway, step: Any, row: Any) -> list[Any]:
    taken = Node.choose(self, step, row)
    return taken + [flow for flow in self.flows if flow.is_default and flow not in taken]


def first_way_only(self: Node, step: Any, row: Any) -> list[Any]:
    return Node.choose(self, step, row)[:1]


def ends_everything(self: EndEvent, step: Any, row: Any) -> None:
    step.end(ProcessInstance.Outcome.TERMINATED, node=self)


def swallows_the_second(self: HumanTask, step: Any, arrival: Any) -> None:
    if not any(row.node_id == self.node_id for row in step.open_rows(arrival.parent)):
        super(HumanTask, self).arrive(step, arrival)


def done_at_once(self: ScopeActivation) -> bool:
    self.finish()
    return True


def one_way_only(self: ActivityActivation) -> None:
    flows = self.node.choose(self.step, self.task)[:1]
    for flow in flows:
        self.step.send(flow.target, flow=flow.id, prev=self.task, parent=self.step.parent_of(self.task))


_conclude = EndActivation._conclude


def past_the_border(self: EndActivation) -> None:
    if self.node.definition_of("error") is not None:
        self.complete()
        self.step.end(ProcessInstance.Outcome.ERROR, node=self.node)
    else:
        _conclude(self)


FAULTS: dict[str, tuple[type, str, Any]] = {
    "a parallel join goes on with its first token": (ParallelGateway, "token_came", first_token_is_enough),
    "a parallel gateway takes one way only": (ParallelGateway, "choose", first_way_only),
    "an inclusive join does not wait": (InclusiveGateway, "may_fire", goes_on_with_what_it_has),
    "an inclusive join waits for all flows": (InclusiveGateway, "may_fire", waits_for_all),
    "an inclusive gateway takes one way only": (InclusiveGateway, "choose", first_way_only),
    "an inclusive gateway takes its default as well": (InclusiveGateway, "choose", default_as_well),
    "an exclusive gateway takes its last true way": (
        ExclusiveGateway, "choose", lambda self, step, row: Node.choose(self, step, row)[-1:] or [self.flows[-1]]),
    "an activity takes one of its ways only": (ActivityActivation, "go_on", one_way_only),
    "an event that interrupts leaves the task open": (BoundaryEvent, "interrupts", property(lambda self: False)),
    "an event beside a task takes it away": (BoundaryEvent, "interrupts", property(lambda self: True)),
    "an event beside a task happens once only": (BoundaryEvent, "repeats", lambda self, row: False),
    "a finished task leaves its events armed": (ActivityActivation, "released", Activation.released),
    "an event gateway leaves its other events armed": (EventGatewayActivation, "released", Activation.released),
    "a terminate end leaves the other tokens": (EndEvent, "terminate", lambda self, step, row: None),
    "a terminate end in a sub-process ends everything": (EndEvent, "terminate", ends_everything),
    "an error goes past the border of the sub-process": (EndActivation, "_conclude", past_the_border),
    "a sub-process is done with its first end": (ScopeActivation, "settled", done_at_once),
    "a sub-process taken away leaves its tokens": (ScopeActivation, "released", ActivityActivation.released),
    "a second token at a task is lost": (HumanTask, "arrive", swallows_the_second),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault, monkeypatch):
    where, name, broken = FAULTS[fault]
    monkeypatch.setattr(where, name, broken)
    assert found_after()

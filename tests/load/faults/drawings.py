"""The root of the faults run, what is drawn beside its way for reading, and how often each element is passed."""

from __future__ import annotations

import re
from collections import Counter

from processes.bpmn import parse
from processes.bpmn.nodes import Task
from tests.load.faults import parts
from tests.load.faults.givens import CLERK
from tests.load.faults.parts import BOTH, note
from tests.processes.sketch import call, element, named, sketch

_READING = (
    '<bpmn:laneSet id="LS"><bpmn:lane id="L" name="Clerks"><bpmn:extensionElements>'
    f'<redraw:lane role="{CLERK}"/></bpmn:extensionElements><bpmn:flowNodeRef>Done</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'
    '<bpmn:dataObject id="DO"/><bpmn:dataObjectReference id="DR" dataObjectRef="DO" name="Letter"/>'
    '<bpmn:dataStoreReference id="SR" name="Ledger"/>'
    '<bpmn:ioSpecification id="IO"><bpmn:dataInput id="DI" name="In"/><bpmn:dataOutput id="DT" name="Out"/></bpmn:ioSpecification>'
    '<bpmn:textAnnotation id="T"><bpmn:text>Everything at once</bpmn:text></bpmn:textAnnotation><bpmn:group id="G"/>'
    '<bpmn:association id="AS" sourceRef="Done" targetRef="T"/>'
)
_POOLS = (
    '<bpmn:collaboration id="C"><bpmn:participant id="P1" name="Us" processRef="faults_root"/>'
    '<bpmn:participant id="P2" name="They"/><bpmn:messageFlow id="MF" sourceRef="Done" targetRef="P2"/></bpmn:collaboration>'
)
CALLED = ("Tasks", "Gates", "Events", "Scopes", "Borders", "Ends", "Loops", "Ending")
ROOT = sketch(
    "Start -> Fork", *(f"Fork -> {name} -> Join" for name in CALLED), "Join -> Paper -> Done -> End", "OnHigher -> Boss -> EndBoss",
    key="faults_root", beside=_READING, root=_POOLS, Fork=BOTH, Join=BOTH, Done=note(), Boss=note(),
    OnHigher=named("escalation", "higher", on="Events", beside=True),
    Paper=element("task", inner='<bpmn:dataOutputAssociation id="DA"><bpmn:targetRef>DR</bpmn:targetRef></bpmn:dataOutputAssociation>'),
    **{name: call(f"faults_{name.lower()}") for name in CALLED},
)  # fmt: skip

DRAWINGS: dict[str, str] = {
    re.search(r'<bpmn:process id="(\w+)"', bpmn)[1]: bpmn  # type: ignore[index]
    for bpmn in (
        parts.LEAF, parts.FAILING, parts.ENDING, parts.ASKED, parts.ALARMED, parts.TASKS, parts.GATES, parts.EVENTS, parts.SCOPES,
        parts.BORDERS, parts.ENDS, parts.LOOPS, ROOT, parts.TICKING,
    )
}  # fmt: skip
"""Every process of the run by its key; those that are called come first."""

TICKING = "faults_ticking"
INSTANCES = {"faults_leaf": 3, "faults_asked": 2, "faults_alarmed": 2}
"""How many instances there are of a process for one of the root, where it is not one."""

OUTCOMES = {"faults_failing": "error", "faults_ending": "terminated"}
"""How instances come out, where it is not that they are completed."""

TIMES: dict[str, dict[str, int]] = {
    "faults_tasks": {"Either": 2, "Pair": 2},
    "faults_gates": {"Join": 2, "Meet": 2, "Two": 4, "Beyond": 2},
    "faults_events": {"OnAny": 2, "OnAll": 3, "Join": 5},
    "faults_scopes": {"OnAll": 3, "OnBook": 0, "Booking": 0},
    "faults_borders": {"OnAll": 3, **dict.fromkeys(("Told", "Heard", "When", "Bounce", "Failing", "AnyOf", "AllOf"), 0)},
    "faults_ends": {"OnPack": 0},
    "faults_loops": {"People": 3, "Calls": 4, "Posts": 3, "InTurn": 3, "Again": 4, "Join": 3},
    "faults_root": {"Join": len(CALLED)},
}
"""How often an element is passed in an instance, where it is not once, or not at all because it is called `Never...`: a
gateway by each token that comes, an activity for each item once more as a whole, an event that waits for several once for
each. What is interrupted is not passed, nor is an event that ties an activity to what undoes it."""

EFFECTS = {"Pair": 1, "Posts": 2, "InTurn": 2, "Bounce": 1}
"""How often a step has its effect, where it is not as often as it is passed."""


def expected(key: str) -> Counter[str]:
    """How often an instance passes each element of its process."""
    times = {node: 0 if node.startswith("Never") else 1 for node in parse(DRAWINGS[key]).nodes}
    return Counter({node: n for node, n in {**times, **TIMES.get(key, {})}.items() if n})


def effects(key: str) -> Counter[str]:
    """How often each step of an instance has an effect that is counted."""
    times = expected(key)
    nodes = parse(DRAWINGS[key]).nodes.values()
    counted = [n.id for n in nodes if isinstance(n, Task) and n.action is not None and n.action.name != "load.tell"]
    return Counter({node: EFFECTS.get(node, times[node]) for node in counted})


def instances_of(key: str, roots: int) -> int:
    """How many instances of a process there are in the end; of one that a timer starts no more than that, since moments that
    are missed are not made up for."""
    return parts.TICKS if key == TICKING else roots * INSTANCES.get(key, 1)

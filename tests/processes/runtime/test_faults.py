"""Everything that may die dies, while instances with every executable element run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from crm_core.kernel.models import User
from processes import actions, api
from processes.actions import Action, ActionCall
from processes.bpmn import parse
from processes.bpmn.elements import ELEMENTS, keys_of
from processes.bpmn.nodes import Event
from processes.errors import BpmnError
from processes.runtime.models import ProcessInstance, Task
from tests.load.faults.drawings import DRAWINGS, OUTCOMES, effects, expected, instances_of
from tests.load.faults.givens import GIVEN
from tests.load.faults.run import run
from tests.load.faults.servers import File, Foreign
from tests.load.faults.setting_up import publish_all
from tests.processes.runtime.engine_room import later
from tests.support.running import own_database

EACH_KIND = 16
"""A seed whose first seven faults are of all kinds."""


def kinds_in(bpmn: str) -> set[str]:
    """Every row of the element table that a drawing touches, those for reading too."""
    model = parse(bpmn)
    found = {key for node in model.nodes.values() for key in keys_of(model, node)}
    found |= {part.kind for part in (*model.data.values(), *model.artifacts.values())}
    read = {"lane": model.lanes, "participant": model.participants, "messageFlow": model.message_flows}
    return found | {kind for kind, parts in read.items() if parts}


def test_the_drawings_of_the_faults_run_hold_every_executable_element():
    drawn = set().union(*(kinds_in(bpmn) for bpmn in DRAWINGS.values()))
    assert {row.key for row in ELEMENTS.values() if row.executable} - drawn == set()


@pytest.fixture
def done(clock) -> Iterator[Counter[tuple[UUID, str]]]:
    """The effects of the run's actions, by instance and step."""
    found: Counter[tuple[UUID, str]] = Counter()

    def note(call: ActionCall) -> None:
        found[call.instance_id, call.inputs["step"]] += 1

    def tell(call: ActionCall) -> None:
        api.message("load.told", correlation=call.inputs["number"], key=call.key)

    def bounce(call: ActionCall) -> None:
        note(call)
        raise BpmnError("bounced", "The letter came back.")

    made = [Action("load.note", note), Action("load.post", note, background=True), Action("load.tell", tell),
            Action("load.bounce", bounce, background=True)]  # fmt: skip
    with api.by_hand(), actions.temporarily(*made):
        yield found


def people_do_what_is_open() -> None:
    clerk, chief = User.objects.get(username="clerk1"), User.objects.get(username="chief")
    for task in Task.objects.stored().open().human().filter(status="NEW"):
        api.claim(task.pk, user=clerk)
        api.complete(task.pk, user=clerk)
    for case in Task.objects.stored().open().filter(kind="adHocSubProcess"):
        begun = Task.objects.filter(parent=case).values_list("node_id", flat=True)
        api.begin_step(case.pk, "Enough" if "Look" in begun else "Look", user=chief)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_calm_instances_pass_each_element_as_often_as_is_expected_after_faults(done, clock):
    publish_all()
    for number in (1, 2):
        api.start("faults_root", data={"number": number, **GIVEN})
    while Task.objects.open().exists():
        later(clock, seconds=5)
        people_do_what_is_open()
    later(clock, minutes=1)
    for key in DRAWINGS:
        found = ProcessInstance.objects.stored().filter(definition__key=key)
        assert [row.outcome for row in found] == [OUTCOMES.get(key, "completed")] * instances_of(key, 2), key
        for row in found:
            passed = Task.objects.filter(process=row, status="DONE").values_list("node_id", flat=True)
            assert Counter(passed) == expected(key), key
            assert Counter({step: n for (pk, step), n in done.items() if pk == row.pk}) == effects(key), key


@pytest.mark.parametrize("key", DRAWINGS)
def test_every_element_is_passed_but_for_what_is_interrupted_or_waited_for_in_vain(key):
    model, passed = parse(DRAWINGS[key]), expected(key)
    events = [node for node in model.nodes.values() if isinstance(node, Event)]
    interrupted = {event.attached_to for event in events if event.is_interrupting}
    ties = {event.id for event in events if event.trigger == "compensate"}
    assert {node for node in model.nodes if not passed[node] and not node.startswith("Never")} <= interrupted | ties


@pytest.fixture
def server(tmp_path: Path) -> Iterator[File | Foreign]:
    """A database of its own for the processes, on the server the tests run on."""
    with own_database(tmp_path) as url:
        yield File(url) if url.startswith("sqlite") else Foreign(url)


@pytest.mark.long
@pytest.mark.both_databases
def test_a_few_instances_survive_a_fault_of_each_kind(server, tmp_path):
    found = run(server, seed=EACH_KIND, instances=6, seconds=8.0, mishaps=7, every=(0.5, 2.0), log=tmp_path / "log")
    assert sum(found["mishaps"].values()) >= 7
    assert found["running_at_the_last_mishap"] > 0
    assert (found["wrong"], found["incidents"]) == ([], [])


@pytest.mark.long
@pytest.mark.both_databases
def test_sixty_instances_survive_thirty_faults(server, tmp_path):
    found = run(server, seed=1, instances=60, seconds=90.0, mishaps=30, log=tmp_path / "log")
    assert sum(found["mishaps"].values()) >= 30
    assert (found["wrong"], found["incidents"]) == ([], [])

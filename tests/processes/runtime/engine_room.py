"""What tests of the runtime share: small drawings that are published at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model

from processes import api, ports
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.compiler import flows
from processes.publication.services import publish_now
from processes.runtime import flow, services, starting
from processes.runtime.models import ProcessInstance, Task
from tests.processes.publication.drawing import drawing

MESSAGE = '<bpmn:message id="M" name="told"/>'
SIGNAL = '<bpmn:signal id="S" name="alarm"/>'
TOLD = (
    '<bpmn:intermediateCatchEvent id="Told" name="Told"><bpmn:extensionElements><redraw:correlation key="= number"/>'
    '</bpmn:extensionElements>{flows}<bpmn:messageEventDefinition id="MD" messageRef="M"/>'
    "</bpmn:intermediateCatchEvent>"
)
ALARM = (
    '<bpmn:intermediateCatchEvent id="Alarm" name="Alarm">{flows}'
    '<bpmn:signalEventDefinition id="SD" signalRef="S"/></bpmn:intermediateCatchEvent>'
)


def wait(duration: str) -> str:
    """A timer."""
    return (
        '<bpmn:intermediateCatchEvent id="Wait" name="Wait">{flows}<bpmn:timerEventDefinition id="TD">'
        f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )


def service(action: str, **attributes: str) -> str:
    """A service task."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<bpmn:serviceTask id="Work" name="Work"><bpmn:extensionElements><redraw:action name="{action}"{given}/>'
        "</bpmn:extensionElements>{flows}</bpmn:serviceTask>"
    )


def timer_start(cycle: str) -> str:
    """A start event that happens again and again."""
    return (
        '<bpmn:startEvent id="Start" name="Begun">{out}<bpmn:timerEventDefinition id="TS">'
        f'<bpmn:timeCycle xsi:type="bpmn:tFormalExpression">{cycle}</bpmn:timeCycle>'
        "</bpmn:timerEventDefinition></bpmn:startEvent>"
    )


def publish(*steps: str, named: str = "", key: str = "deal", **parts: str) -> ProcessVersion:
    """A published process of steps in a row."""
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    version = ProcessVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, forms={},
        bpmn=drawing(*steps, key=key, named=named, **parts),
    )  # fmt: skip
    publish_now(version)
    return version


def outcome(instance: ProcessInstance) -> str:
    """How an instance came out; empty while it runs."""
    return ProcessInstance.objects.stored().get(pk=instance.pk).outcome


def row(instance: ProcessInstance, node: str) -> Task:
    """The newest row of an instance at an element."""
    return Task.objects.stored().filter(process=instance.pk, node_id=node).latest("created", "id")


def drawn(bpmn: str, *, key: str = "deal", state: str = State.PUBLISHED) -> ProcessVersion:
    """A version of a sketch, as it stands when it is published; what lint says of it is not asked."""
    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    return definition.versions.filter(bpmn=bpmn).first() or ProcessVersion.objects.create(
        definition=definition, number=definition.versions.count() + 1, bpmn=bpmn, forms={}, state=state
    )


def forget() -> None:
    """Forget everything that this process keeps of versions: what follows starts from the rows alone."""
    flow.forget()
    flows._compiled.clear()


class Play:
    """An instance that is read anew from its rows before whatever is done to it."""

    def __init__(self, version: ProcessVersion, **data: Any) -> None:
        self.person, _new = get_user_model().objects.get_or_create(username="player", defaults={"is_superuser": True})
        forget()
        self.id = starting.start_version(version, data=data, user=self.person).pk

    @classmethod
    def on(cls, instance: ProcessInstance) -> Play:
        """An instance that was started otherwise."""
        play = cls.__new__(cls)
        play.person, _new = get_user_model().objects.get_or_create(username="player", defaults={"is_superuser": True})
        play.id = instance.pk
        return play

    @property
    def instance(self) -> ProcessInstance:
        """The stored instance."""
        return ProcessInstance.objects.stored().get(pk=self.id)

    @property
    def outcome(self) -> str:
        """How it came out; empty while it runs."""
        return self.instance.outcome

    @property
    def data(self) -> dict[str, Any]:
        """Its variables."""
        return self.instance.data

    @property
    def waits(self) -> list[str]:
        """The elements on which tokens rest."""
        return self._elements(Task.objects.tokens())

    @property
    def armed(self) -> list[str]:
        """The events that wait on behalf of others."""
        return self._elements(Task.objects.open().filter(armed=True))

    @property
    def failed(self) -> list[str]:
        """The elements that failed and wait for somebody."""
        return self._elements(Task.objects.incidents())

    @property
    def done(self) -> list[str]:
        """The elements that tokens have passed."""
        return self._elements(Task.objects.filter(status="DONE"))

    def _elements(self, rows: Any) -> list[str]:
        return sorted(rows.filter(process=self.id).values_list("node_id", flat=True))

    def at(self, node: str) -> Task:
        """The oldest open row at an element that a token rests on."""
        rows = Task.objects.stored().tokens().filter(process=self.id, node_id=node)
        return rows.order_by("is_body", "created", "id")[0]

    def do(self, *nodes: str, **values: Any) -> Play:
        """People finish tasks, one after the other, the last one with values."""
        for node in nodes:
            forget()
            given = values if node == nodes[-1] else {}
            services.complete(task_id=self.at(node).pk, user=self.person, data=given)
        return self

    def take_away(self, node: str) -> Play:
        """Somebody takes a branch away."""
        forget()
        services.cancel_task(task_id=self.at(node).pk, user=self.person, reason="not needed")
        return self

    def retry(self, node: str) -> Play:
        """Somebody tries a failed step again."""
        forget()
        services.retry(task_id=self.at(node).pk, user=self.person)
        return self

    def skip(self, node: str, take: str | None = None) -> Play:
        """Somebody goes on behind a failed or waiting step."""
        forget()
        services.skip(task_id=self.at(node).pk, user=self.person, reason="done by hand", take=take)
        return self

    def edit(self, **changes: Any) -> Play:
        """Somebody corrects variables."""
        forget()
        services.edit_variables(instance_id=self.id, user=self.person, changes=changes, reason="wrong")
        return self


def later(clock: ports.FixedClock, **span: float) -> None:
    """Time passes, and what falls due happens, each thing at its own moment."""
    until = clock.now() + timedelta(**span)
    forget()
    api.drain()
    while (due := api.next_due()) is not None and due <= until:
        clock.move(max(due, clock.now()))
        forget()
        api.drain()
    clock.move(until)

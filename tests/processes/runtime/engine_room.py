"""What tests of the runtime share: small drawings that are published at once."""

from __future__ import annotations

from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.publication.services import publish_now
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

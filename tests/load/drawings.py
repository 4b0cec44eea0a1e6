"""Drawings of the load tests: no people, but jobs, timers, a message and a called process."""

from __future__ import annotations

from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D"'
    ' targetNamespace="urn:t"><bpmn:message id="M" name="load.told"/><bpmn:process id="{key}" name="{key}"'
    ' isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"


def flow(*path: str) -> str:
    """Sequence flows along a path."""
    return "".join(
        f'<bpmn:sequenceFlow id="F_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(path)
    )


def service(name: str, action: str) -> str:
    """A service task whose job counts as dead after three seconds."""
    result = f' result="r_{name}"' if action == "load.post" else ""
    return (
        f'<bpmn:serviceTask id="{name}" name="{name}"><bpmn:extensionElements><redraw:action name="{action}"'
        f' retries="50" backoff="PT1S" timeout="PT3S"{result}><redraw:input name="step" value="{name}"/>'
        "</redraw:action></bpmn:extensionElements></bpmn:serviceTask>"
    )


def wait(name: str, duration: str) -> str:
    """A timer."""
    return (
        f'<bpmn:intermediateCatchEvent id="{name}" name="{name}"><bpmn:timerEventDefinition id="T_{name}">'
        f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )


def catch(name: str) -> str:
    """Waits for the message that the other branch sends."""
    return (
        f'<bpmn:intermediateCatchEvent id="{name}" name="{name}"><bpmn:extensionElements>'
        '<redraw:correlation key="= number"/></bpmn:extensionElements>'
        f'<bpmn:messageEventDefinition id="MC_{name}" messageRef="M"/></bpmn:intermediateCatchEvent>'
    )


def send(name: str) -> str:
    """Sends it."""
    return (
        f'<bpmn:sendTask id="{name}" name="{name}"><bpmn:extensionElements>'
        '<redraw:action name="load.tell"><redraw:input name="number" value="= number"/></redraw:action>'
        "</bpmn:extensionElements></bpmn:sendTask>"
    )


CALLED = (
    HEAD.format(key="load_called") + '<bpmn:startEvent id="Start" name="Begun"/>' + service("Post3", "load.post")
    + wait("Wait3", "PT1S") + service("Note3", "load.note") + '<bpmn:endEvent id="End" name="Done"/>'
    + flow("Start", "Post3", "Wait3", "Note3", "End") + TAIL
)  # fmt: skip

CALLING = (
    HEAD.format(key="load_calling") + '<bpmn:startEvent id="Start" name="Begun"/>'
    + '<bpmn:parallelGateway id="Split" name="Both"/><bpmn:parallelGateway id="Join" name="Together"/>'
    + service("Note1", "load.note") + wait("Wait1", "= pause") + service("Post1", "load.post") + send("Tell")
    + wait("Wait2", "= early") + service("Post2", "load.post") + catch("Told") + service("Note2", "load.note")
    + '<bpmn:callActivity id="Call" name="Call" calledElement="load_called"/>'
    + service("Note4", "load.note") + '<bpmn:endEvent id="End" name="Done"/>'
    + flow("Start", "Split", "Note1", "Wait1", "Post1", "Tell", "Join")
    + flow("Split", "Wait2", "Post2", "Told", "Note2", "Join", "Call", "Note4", "End") + TAIL
)  # fmt: skip

NOTED, POSTED = ("Note1", "Note2", "Note3", "Note4"), ("Post1", "Post2", "Post3")

"""The drawings that are measured: three user tasks in a row, a chain of ten automated nodes, a timer."""

from __future__ import annotations

from itertools import pairwise

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D"'
    ' targetNamespace="urn:bench"><bpmn:process id="{key}" name="{key}" isExecutable="true">'
    '<bpmn:startEvent id="Start" name="Begun"/><bpmn:endEvent id="End" name="Done"/>'
)
TAIL = "</bpmn:process></bpmn:definitions>"


def _flows(*path: str) -> str:
    return "".join(f'<bpmn:sequenceFlow id="F_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(path))


def line() -> str:
    """Three pieces of work in a row."""
    tasks = "".join(f'<bpmn:userTask id="{name}" name="{name}"/>' for name in ("One", "Two", "Three"))
    return HEAD.format(key="bench_line") + tasks + _flows("Start", "One", "Two", "Three", "End") + TAIL


def chain(length: int) -> str:
    """`length` times a choice and an action."""
    body = _flows("Start", "Choice1" if length else "End")
    for n in range(1, length + 1):
        onward = f"Choice{n + 1}" if n < length else "End"
        body += (
            f'<bpmn:exclusiveGateway id="Choice{n}" name="Go on?" default="D{n}"/>'
            f'<bpmn:serviceTask id="Work{n}" name="Work"><bpmn:extensionElements><redraw:action name="bench.nothing"/>'
            "</bpmn:extensionElements></bpmn:serviceTask>"
            f'<bpmn:sequenceFlow id="C{n}" sourceRef="Choice{n}" targetRef="Work{n}"><bpmn:conditionExpression'
            ' xsi:type="bpmn:tFormalExpression">n &gt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>'
            f'<bpmn:sequenceFlow id="D{n}" sourceRef="Choice{n}" targetRef="End"/>'
            f'<bpmn:sequenceFlow id="N{n}" sourceRef="Work{n}" targetRef="{onward}"/>'
        )
    return HEAD.format(key=f"bench_chain{length * 2}") + body + TAIL


def timer() -> str:
    """A wait as long as the variable `pause` says."""
    body = (
        '<bpmn:intermediateCatchEvent id="Wait" name="Wait"><bpmn:timerEventDefinition id="T">'
        '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">= pause</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    return HEAD.format(key="bench_timer") + body + _flows("Start", "Wait", "End") + TAIL

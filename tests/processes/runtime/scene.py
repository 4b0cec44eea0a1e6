"""A drawing in a few lines, for tests: one element a line, then the flows.

    S: start
    A: user
    Sub: sub {
      B: mark
      E2: end
      B -> E2
    }
    Late: boundary on A timer PT1H !      (! : does not interrupt)
    S -> A -> Sub -> E
    G -> B [n > 1]
    G -> C [default]

`mark` is a script task that appends its own id to the variable `trace`. In a scope with a start, what leads nowhere
leads to an end of its own.
"""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_TASKS = {"user": "userTask", "manual": "manualTask", "task": "task", "mark": "scriptTask", "script": "scriptTask",
          "receive": "receiveTask", "call": "callActivity", "service": "serviceTask", "send": "sendTask"}  # fmt: skip
_GATEWAYS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
             "complex": "complexGateway", "event": "eventBasedGateway"}  # fmt: skip
_EVENTS = {"start": "startEvent", "end": "endEvent", "throw": "intermediateThrowEvent", "catch": "intermediateCatchEvent"}
_SCOPES = {"sub": "subProcess", "handler": "subProcess", "tx": "transaction", "adhoc": "adHocSubProcess"}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:redraw="urn:redraw-crm:bpmn:1" id="D"'
    ' targetNamespace="urn:t">'
)
_NAMED = re.compile(r"\b(message|signal|error|escalation) (\w+)")


class _Scene:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.number = 0

    def scope(self) -> str:
        """Elements, flows and inner scopes up to the closing brace."""
        elements: list[tuple[str, str]] = []
        flows: list[tuple[str, str, str]] = []
        ties: list[str] = []
        told: dict[str, str] = {}
        while self.at < len(self.lines):
            line = self.lines[self.at].strip()
            self.at += 1
            if line == "}":
                break
            if "->" not in line and ":" in line:
                told[line.split(":", 1)[0].strip()] = line.split(":", 1)[1].strip()
            if "->" in line:
                flows += self._flows(line)
            elif "~>" in line:
                ties.append(line)
            elif line:
                elements.append(self._element(line))
        self._end(told, elements, flows)
        return self._joined(elements, flows, ties)

    def _end(self, told: dict[str, str], elements: list[tuple[str, str]], flows: list[tuple[str, str, str]]) -> None:
        """Lead what leads nowhere to an end."""
        begun = any(kind.startswith("start") for kind in told.values())
        going = {source for source, _target, _condition in flows}
        alone = re.compile(r"end\b|handler\b|throw link|boundary on \w+ compensate|.*\bundoes\b")
        loose = [name for name, kind in told.items() if name not in going and not alone.match(kind)]
        if begun and loose:
            self.number += 1
            end = f"End{self.number}"
            elements.append((end, f'<bpmn:endEvent id="{end}" name="{end}">{{flows}}</bpmn:endEvent>'))
            flows += [(name, end, "") for name in loose]

    def _flows(self, line: str) -> list[tuple[str, str, str]]:
        condition = ""
        if line.endswith("]"):
            line, condition = line[:-1].split("[", 1)
        names = [name.strip() for name in line.split("->")]
        return [(a, b, condition.strip() if (a, b) == (names[-2], names[-1]) else "") for a, b in pairwise(names)]

    def _joined(self, elements: list[tuple[str, str]], flows: list[tuple[str, str, str]], ties: list[str]) -> str:
        into: dict[str, str] = {}
        out: dict[str, str] = {}
        default: dict[str, str] = {}
        body = ""
        for source, target, condition in flows:
            self.number += 1
            flow = f"F{self.number}_{source}_{target}"
            out[source] = out.get(source, "") + f"<bpmn:outgoing>{flow}</bpmn:outgoing>"
            into[target] = into.get(target, "") + f"<bpmn:incoming>{flow}</bpmn:incoming>"
            inner = ""
            if condition == "default":
                default[source] = f" default={quoteattr(flow)}"
            elif condition:
                inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">= {escape(condition)}</bpmn:conditionExpression>'
            body += f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
        for name, xml in elements:
            xml = xml.replace("{flows}", into.get(name, "") + out.get(name, "")).replace("{default}", default.get(name, ""))
            body += xml
        for tie in ties:
            source, target = (part.strip() for part in tie.split("~>"))
            body += f'<bpmn:association id="T_{source}_{target}" associationDirection="One" sourceRef="{source}" targetRef="{target}"/>'
        return body

    def _element(self, line: str) -> tuple[str, str]:
        name, rest = (part.strip() for part in line.split(":", 1))
        kind, _, more = rest.partition(" ")
        if kind in _SCOPES:
            return name, self._sub_process(name, kind, more.strip())
        if kind in _EVENTS:
            interrupts = ' isInterrupting="false"' if kind == "start" and more.endswith("!") else ""
            return name, (f'<bpmn:{_EVENTS[kind]} id="{name}" name="{name}"{interrupts}{self._all(more)}>{_correlation(more)}'
                          f"{{flows}}{self._definitions(name, more)}</bpmn:{_EVENTS[kind]}>")  # fmt: skip
        if kind == "boundary":
            host, _, event = more.removeprefix("on ").partition(" ")
            cancels = "false" if event.endswith("!") else "true"
            return name, (f'<bpmn:boundaryEvent id="{name}" name="{name}" attachedToRef="{host}" cancelActivity="{cancels}"'
                          f"{self._all(event)}>{_correlation(event)}{{flows}}{self._definitions(name, event)}</bpmn:boundaryEvent>")  # fmt: skip
        if kind in _GATEWAYS:
            wanted = f'<bpmn:activationCondition xsi:type="bpmn:tFormalExpression">= {escape(more)}</bpmn:activationCondition>' if more else ""
            return name, f'<bpmn:{_GATEWAYS[kind]} id="{name}" name="{name}"{{default}}>{{flows}}{wanted}</bpmn:{_GATEWAYS[kind]}>'
        return name, self._task(name, kind, more)

    def _sub_process(self, name: str, kind: str, more: str) -> str:
        words = more.removesuffix("{").strip()
        marker = _marker(words)
        inner = self.scope()
        attributes = ' triggeredByEvent="true"' if kind == "handler" else ""
        attributes += ' isForCompensation="true"' if "undoes" in words else ""
        if kind == "adhoc" and "sequential" in words:
            attributes += ' ordering="Sequential"'
        until = re.search(r"until (.+)", words)
        condition = ""
        if kind == "adhoc" and until:
            condition = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">= {escape(until[1])}</bpmn:completionCondition>'
        return f'<bpmn:{_SCOPES[kind]} id="{name}" name="{name}"{attributes}{{default}}>{{flows}}{marker}{inner}{condition}</bpmn:{_SCOPES[kind]}>'

    def _task(self, name: str, kind: str, more: str) -> str:
        attributes, inner, ext = "", "", ""
        if "undoes" in more:
            attributes += ' isForCompensation="true"'
        for word, attribute in (("starts with", "startQuantity"), ("gives", "completionQuantity")):
            if found := re.search(rf"{word} (\d+)", more):
                attributes += f' {attribute}="{found[1]}"'
        if kind == "user":
            ext = '<redraw:task role="seller"/>'
        elif kind == "mark":
            inner = f'<bpmn:script>= {{trace: append(trace, "{name}")}}</bpmn:script>'
        elif kind == "script":
            inner = f"<bpmn:script>= {escape(more)}</bpmn:script>"
        elif kind == "call":
            attributes += f' calledElement="{more.split()[0]}"'
        elif kind == "receive":
            attributes += f' messageRef="message_{more.split()[1]}"'
        elif kind == "service":
            ext = f'<redraw:action name="{more.split()[0]}"/>'
        extension = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
        marker = _marker(more) if kind != "script" else ""
        return f'<bpmn:{_TASKS[kind]} id="{name}" name="{name}"{attributes}{{default}}>{extension}{{flows}}{marker}{inner}</bpmn:{_TASKS[kind]}>'

    @staticmethod
    def _all(more: str) -> str:
        return ' parallelMultiple="true"' if " & " in more else ""

    @staticmethod
    def _definitions(name: str, more: str) -> str:
        found = ""
        text = re.sub(r" key .*$", "", more.removesuffix("!").strip())
        for number, part in enumerate(re.split(r" [&|] ", text)):
            kind, _, value = part.strip().partition(" ")
            ident = f"{name}_{number}"
            if kind in ("message", "signal", "error", "escalation"):
                ref = f' {kind}Ref="{kind}_{value}"' if value else ""
                found += f'<bpmn:{kind}EventDefinition id="{ident}"{ref}/>'
            elif kind == "timer":
                tag = "timeCycle" if value.startswith("R") else "timeDuration"
                found += f'<bpmn:timerEventDefinition id="{ident}"><bpmn:{tag} xsi:type="bpmn:tFormalExpression">{value}</bpmn:{tag}></bpmn:timerEventDefinition>'
            elif kind == "cond":
                found += f'<bpmn:conditionalEventDefinition id="{ident}"><bpmn:condition xsi:type="bpmn:tFormalExpression">= {escape(value)}</bpmn:condition></bpmn:conditionalEventDefinition>'
            elif kind == "compensate":
                ref = f' activityRef="{value}"' if value else ""
                found += f'<bpmn:compensateEventDefinition id="{ident}"{ref}/>'
            elif kind == "link":
                found += f'<bpmn:linkEventDefinition id="{ident}" name="{value}"/>'
            elif kind in ("cancel", "terminate"):
                found += f'<bpmn:{kind}EventDefinition id="{ident}"/>'
        return found


def _correlation(more: str) -> str:
    found = re.search(r" key (.+)$", more)
    return f'<bpmn:extensionElements><redraw:correlation key="= {found[1]}"/></bpmn:extensionElements>' if found else ""


def _marker(words: str) -> str:
    if found := re.search(r"for (\w+) in (.+?)(?: until (.+?))?( one by one)?$", words):
        element, collection, enough, sequential = found.groups()
        until = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">= {escape(enough)}</bpmn:completionCondition>' if enough else ""
        order = ' isSequential="true"' if sequential else ""
        return (f'<bpmn:multiInstanceLoopCharacteristics{order} redraw:collection={quoteattr("= " + collection)}'
                f' redraw:element="{element}">{until}</bpmn:multiInstanceLoopCharacteristics>')  # fmt: skip
    if found := re.search(r"(while|repeat while) (.+)$", words):
        before = ' testBefore="true"' if found[1] == "while" else ""
        return (f"<bpmn:standardLoopCharacteristics{before}><bpmn:loopCondition xsi:type=\"bpmn:tFormalExpression\">= "
                f"{escape(found[2])}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>")  # fmt: skip
    return ""


def scene(text: str, key: str = "deal") -> str:
    """The BPMN file of a drawing told in lines."""
    named = {(kind, name) for kind, name in _NAMED.findall(text)}
    roots = "".join(
        f'<bpmn:{kind} id="{kind}_{name}" name="{name}"'
        + (f' {kind}Code="{name}"' if kind in ("error", "escalation") else "")
        + "/>"
        for kind, name in sorted(named)
    )
    body = _Scene(text.splitlines()).scope()
    return f'{_HEAD}{roots}<bpmn:process id="{key}" name="{key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'

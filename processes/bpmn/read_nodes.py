"""One XML element of a process into one flow node of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.bpmn.extensions import NAMESPACE
from processes.bpmn.nodes import (
    CHOREOGRAPHY_KINDS,
    EVENT_KINDS,
    GATEWAY_KINDS,
    SUB_PROCESS_KINDS,
    TASK_KINDS,
    Activity,
    CallActivity,
    ChoreographyActivity,
    Event,
    EventDefinition,
    Expression,
    FlowNode,
    Gateway,
    LoopCharacteristics,
    Named,
    SubProcess,
    Task,
)
from processes.bpmn.read_extensions import (
    action_ext,
    call_ext,
    checklist_ext,
    correlation_ext,
    decision_ext,
    documentation_of,
    multi_instance_ext,
    payload_ext,
    task_ext,
    texts,
)
from processes.bpmn.xml import Element, child, children, flag, line_of, local, number, reference, text_of

ACTIVITY_KINDS = TASK_KINDS | SUB_PROCESS_KINDS | frozenset({"callActivity"})
NODE_KINDS = ACTIVITY_KINDS | GATEWAY_KINDS | EVENT_KINDS | CHOREOGRAPHY_KINDS
_DEFINITION = "EventDefinition"
_TIMERS = ("timeDate", "timeDuration", "timeCycle")


class NodeReader:
    """Builds nodes; knows the file's named definitions, root event definitions and expression language."""

    def __init__(
        self, named: Mapping[str, Named], root_definitions: Mapping[str, Element], expression_language: str
    ) -> None:
        self._named = named
        self._root_definitions = root_definitions
        self._language = expression_language

    def node(self, element: Element, common: dict[str, Any], inner: tuple[str, ...]) -> FlowNode:
        """The node of an element. `common` holds what all nodes share, `inner` the ids of nodes inside it."""
        kind = local(element)
        common = {
            **common,
            "kind": kind,
            "name": element.get("name", ""),
            "labels": texts(element, "label"),
            "documentation": documentation_of(element),
            "guidance": texts(element, "guidance"),
            "customer": texts(element, "customer"),
            "line": line_of(element),
        }
        if kind in EVENT_KINDS:
            return self._event(element, common)
        if kind in GATEWAY_KINDS:
            return self._gateway(element, common)
        if kind in CHOREOGRAPHY_KINDS:
            return self._choreography(element, common, inner)
        return self._activity(element, common, inner)

    def expression(self, element: Element | None) -> Expression | None:
        """A formal expression element, None when absent."""
        if element is None:
            return None
        language = element.get("language", "").strip() or self._language
        return Expression(text=text_of(element), language=language, line=line_of(element))

    # --- activities ------------------------------------------------------------------------------------
    def _activity(self, element: Element, common: dict[str, Any], inner: tuple[str, ...]) -> Activity:
        start, completion = number(element, "startQuantity"), number(element, "completionQuantity")
        common |= {
            "default": reference(element.get("default")),
            "loop": self._loop(element),
            "is_for_compensation": flag(element, "isForCompensation", False),
            "start_quantity": 1 if start is None else start,
            "completion_quantity": 1 if completion is None else completion,
            "task": task_ext(element),
        }
        kind = common["kind"]
        if kind == "callActivity":
            called = reference(element.get("calledElement"))
            return CallActivity(called=called, call=call_ext(element), **common)
        if kind in SUB_PROCESS_KINDS:
            return SubProcess(
                children=inner,
                triggered_by_event=flag(element, "triggeredByEvent", False),
                ordering=element.get("ordering", "Parallel"),
                completion_condition=self.expression(child(element, "completionCondition")),
                cancel_remaining=flag(element, "cancelRemainingInstances", True),
                method=element.get("method", ""),
                **common,
            )
        return self._task(element, common)

    def _task(self, element: Element, common: dict[str, Any]) -> Task:
        message = reference(element.get("messageRef"))
        script = child(element, "script")
        language = element.get("scriptFormat", "")
        return Task(
            action=action_ext(element),
            decision=decision_ext(element),
            correlation=correlation_ext(element),
            payload=payload_ext(element),
            checklist=checklist_ext(element),
            message=message,
            message_name=self._name(message),
            instantiate=flag(element, "instantiate", False),
            script=Expression(text=text_of(script), language=language, line=line_of(script))
            if script is not None
            else None,
            script_result=element.get(f"{{{NAMESPACE}}}result", ""),
            implementation=element.get("implementation", ""),
            **common,
        )

    def _loop(self, element: Element) -> LoopCharacteristics | None:
        several = child(element, "multiInstanceLoopCharacteristics")
        if several is not None:
            return LoopCharacteristics(
                kind="multiInstance",
                is_sequential=flag(several, "isSequential", False),
                cardinality=self.expression(child(several, "loopCardinality")),
                completion_condition=self.expression(child(several, "completionCondition")),
                ext=multi_instance_ext(several),
                data_input=reference(text_of(child(several, "loopDataInputRef"))),
                data_output=reference(text_of(child(several, "loopDataOutputRef"))),
                behavior=several.get("behavior", "All"),
                line=line_of(several),
            )
        standard = child(element, "standardLoopCharacteristics")
        if standard is None:
            return None
        return LoopCharacteristics(
            kind="standard",
            loop_condition=self.expression(child(standard, "loopCondition")),
            loop_maximum=number(standard, "loopMaximum"),
            test_before=flag(standard, "testBefore", False),
            line=line_of(standard),
        )

    # --- gateways, choreographies ----------------------------------------------------------------------
    def _gateway(self, element: Element, common: dict[str, Any]) -> Gateway:
        return Gateway(
            default=reference(element.get("default")),
            direction=element.get("gatewayDirection", "Unspecified"),
            instantiate=flag(element, "instantiate", False),
            event_gateway_type=element.get("eventGatewayType", "Exclusive"),
            activation_condition=self.expression(child(element, "activationCondition")),
            **common,
        )

    def _choreography(
        self, element: Element, common: dict[str, Any], inner: tuple[str, ...]
    ) -> ChoreographyActivity:
        return ChoreographyActivity(
            participants=tuple(reference(text_of(part)) for part in children(element, "participantRef")),
            initiating=reference(element.get("initiatingParticipantRef")),
            loop_type=element.get("loopType", "None"),
            called=reference(element.get("calledChoreographyRef")),
            message_flows=tuple(reference(text_of(part)) for part in children(element, "messageFlowRef")),
            children=inner,
            **common,
        )

    # --- events ----------------------------------------------------------------------------------------
    def _event(self, element: Element, common: dict[str, Any]) -> Event:
        definitions = [
            self._definition(part) for part in children(element) if local(part).endswith(_DEFINITION)
        ]
        for part in children(element, "eventDefinitionRef"):
            meant = self._root_definitions.get(reference(text_of(part)))
            if meant is not None:
                definitions.append(self._definition(meant))
        interrupting = "cancelActivity" if common["kind"] == "boundaryEvent" else "isInterrupting"
        return Event(
            definitions=tuple(definitions),
            parallel_multiple=flag(element, "parallelMultiple", False),
            attached_to=reference(element.get("attachedToRef")),
            is_interrupting=flag(element, interrupting, True),
            correlation=correlation_ext(element),
            action=action_ext(element),
            payload=payload_ext(element),
            **common,
        )

    def _definition(self, element: Element) -> EventDefinition:
        kind = local(element).removesuffix(_DEFINITION)
        ref = (
            reference(element.get(f"{kind}Ref"))
            if kind in ("message", "signal", "error", "escalation")
            else ""
        )
        named = self._named.get(ref)
        timer = next((part for part in children(element, *_TIMERS)), None)
        return EventDefinition(
            kind=kind,
            id=element.get("id", ""),
            ref=ref,
            name=element.get("name", "") if kind == "link" else self._name(ref),
            code=named.code if named is not None else "",
            timer=local(timer) if timer is not None else "",
            body=self.expression(timer),
            time=element.get(f"{{{NAMESPACE}}}time", "calendar").strip(),
            condition=self.expression(child(element, "condition")),
            activity=reference(element.get("activityRef")),
            wait=flag(element, "waitForCompletion", True),
            link_target=reference(text_of(child(element, "target"))) if kind == "link" else "",
            link_sources=tuple(reference(text_of(p)) for p in children(element, "source")),
            line=line_of(element),
        )

    def _name(self, ref: str) -> str:
        named = self._named.get(ref)
        return (named.name or named.id) if named is not None else ref

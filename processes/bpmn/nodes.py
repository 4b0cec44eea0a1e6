"""The elements of a drawing as frozen dataclasses: flow nodes, flows, lanes, definitions.

`kind` is always the element's tag in the BPMN 2.0.2 schema ("userTask", "exclusiveGateway",
"boundaryEvent"); the families (`Task`, `Gateway`, `Event` ...) carry what their members share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from processes.bpmn.extensions import (
    ActionExt,
    CallExt,
    ChecklistItem,
    CorrelationExt,
    DecisionExt,
    Measure,
    MultiInstanceExt,
    NamedValue,
    ProcessExt,
    TaskExt,
)

TASK_KINDS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
    }
)
SUB_PROCESS_KINDS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
GATEWAY_KINDS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENT_KINDS = frozenset(
    {"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent",
     "implicitThrowEvent", "event"}
)  # fmt: skip
CHOREOGRAPHY_KINDS = frozenset({"choreographyTask", "subChoreography", "callChoreography"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A formal expression of the standard: a condition, a completion condition, the body of a timer.

    `text` is as written; `language` the expression's own language, or that of the definitions.
    """

    text: str
    language: str = ""
    line: int = 0

    @property
    def feel(self) -> str:
        """The text as a FEEL expression: a leading "=" is ours and is taken away."""
        stripped = self.text.strip()
        return stripped[1:].strip() if stripped.startswith("=") else stripped

    @property
    def is_foreign(self) -> bool:
        """True when it is written in another language than FEEL (JUEL, XPath, Java, JavaScript ...)."""
        text = self.text.strip()
        if text.startswith(("${", "#{")):
            return True
        language = self.language.lower()
        return bool(language) and "feel" not in language


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """What an event waits for or does. `kind` is "message", "timer", "signal", "error", "escalation",
    "conditional", "link", "compensate", "cancel" or "terminate"; the fields of the other kinds stay empty.

    `ref` is the id of the message, signal, error or escalation meant, `name` its name (for a link: the
    link's own name), `code` the errorCode or escalationCode. A boundary or catch event without `ref`
    catches any error or escalation.
    """

    kind: str
    id: str = ""
    ref: str = ""
    name: str = ""
    code: str = ""
    timer: str = ""  # "timeDate", "timeDuration" or "timeCycle"
    body: Expression | None = None  # of the timer
    time: str = "calendar"  # of the timer: "calendar" or "working"
    condition: Expression | None = None
    activity: str = ""  # compensate: the activity meant, empty for the whole scope
    wait: bool = True  # compensate: waitForCompletion
    link_target: str = ""  # of a throwing link: the id of the catching definition
    link_sources: tuple[str, ...] = ()  # of a catching link: the ids of the throwing definitions
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopCharacteristics:
    """Multi-instance (`kind` "multiInstance") or standard loop (`kind` "standard") of an activity."""

    kind: str
    is_sequential: bool = False
    cardinality: Expression | None = None
    completion_condition: Expression | None = None
    ext: MultiInstanceExt = field(default_factory=MultiInstanceExt)
    data_input: str = ""  # loopDataInputRef
    data_output: str = ""
    behavior: str = "All"
    loop_condition: Expression | None = None
    loop_maximum: int | None = None
    test_before: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode:
    """Any node that a token can rest on or pass.

    `incoming` and `outgoing` are ids of sequence flows in the file's order, `scope` the id of the process
    or sub-process around it, `process` the id of the process, `lane` the innermost lane.
    """

    id: str
    kind: str
    scope: str
    process: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    lane: str = ""
    guidance: Mapping[str, str] = field(default_factory=dict)
    customer: Mapping[str, str] = field(default_factory=dict)
    line: int = 0

    def label(self, language: str = "en") -> str:
        """The name in a language; the drawing's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(FlowNode):
    """A task, sub-process or call activity. `default` is the id of the default flow, `boundaries` are the
    ids of the events on its border, in the file's order. `task` says who does it and until when; of a sub-process or
    call activity its limit alone counts."""

    default: str = ""
    boundaries: tuple[str, ...] = ()
    loop: LoopCharacteristics | None = None
    is_for_compensation: bool = False
    start_quantity: int = 1
    completion_quantity: int = 1
    task: TaskExt = field(default_factory=TaskExt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Activity):
    """A task of any kind (`TASK_KINDS`). `task`, `action`, `decision`, `correlation` hold our extensions."""

    action: ActionExt | None = None
    decision: DecisionExt | None = None
    correlation: CorrelationExt | None = None
    payload: tuple[NamedValue, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    message: str = ""  # send and receive task: the id of the message
    message_name: str = ""
    instantiate: bool = False
    script: Expression | None = None
    script_result: str = ""  # redraw:result of a script task
    implementation: str = ""
    camunda_topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallActivity(Activity):
    """Calls another process (or global task) by its key in `called`."""

    called: str = ""
    call: CallExt = field(default_factory=CallExt)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubProcess(Activity):
    """An embedded sub-process, transaction or ad-hoc sub-process; `children` are the ids of its nodes."""

    children: tuple[str, ...] = ()
    triggered_by_event: bool = False
    ordering: str = "Parallel"
    completion_condition: Expression | None = None
    cancel_remaining: bool = True
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(FlowNode):
    """An event in any position. A boundary event has `attached_to`; `is_interrupting` stands for both
    `cancelActivity` and a start event's `isInterrupting`."""

    definitions: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str = ""
    is_interrupting: bool = True
    correlation: CorrelationExt | None = None
    action: ActionExt | None = None
    payload: tuple[NamedValue, ...] = ()

    @property
    def trigger(self) -> str:
        """ "none", the kind of its one definition, "multiple" or "parallelMultiple"."""
        if not self.definitions:
            return "none"
        if len(self.definitions) == 1:
            return self.definitions[0].kind
        return "parallelMultiple" if self.parallel_multiple else "multiple"

    @property
    def definition(self) -> EventDefinition | None:
        """Its first definition, None for a none event."""
        return self.definitions[0] if self.definitions else None

    @property
    def is_catching(self) -> bool:
        """True for start, intermediate catch and boundary events."""
        return self.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway(FlowNode):
    """A gateway of any kind; `default` is the id of its default flow."""

    default: str = ""
    direction: str = "Unspecified"
    instantiate: bool = False
    event_gateway_type: str = "Exclusive"
    activation_condition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoreographyActivity(FlowNode):
    """An activity of a choreography; modelled for reading and lint only."""

    participants: tuple[str, ...] = ()
    initiating: str = ""
    loop_type: str = ""
    children: tuple[str, ...] = ()
    called: str = ""
    message_flows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFlow:
    """A sequence flow; `is_default` is true when its source names it as default."""

    id: str
    source: str
    target: str
    scope: str
    process: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    condition: Expression | None = None
    is_default: bool = False
    is_immediate: bool | None = None
    line: int = 0

    def label(self, language: str = "en") -> str:
        """The name in a language; the drawing's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane; `role` is the role of the tasks in it, `nodes` the ids it names, `parent` the one around."""

    id: str
    process: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    nodes: tuple[str, ...] = ()
    parent: str = ""
    line: int = 0

    def label(self, language: str = "en") -> str:
        """The name in a language; the drawing's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process of the file. `is_executable` is None when the file does not say (the standard: not)."""

    id: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    is_executable: bool | None = None
    process_type: str = "None"
    is_closed: bool = False
    ext: ProcessExt = field(default_factory=ProcessExt)
    purpose: Mapping[str, str] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    children: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    line: int = 0

    def label(self, language: str = "en") -> str:
        """The name in a language; the drawing's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A pool; `process` is the id of the process in it, empty for a black box."""

    id: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    process: str = ""
    minimum: int | None = None
    maximum: int | None = None
    line: int = 0

    def label(self, language: str = "en") -> str:
        """The name in a language; the drawing's own name where there is no translation."""
        return self.labels.get(language) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFlow:
    """A message flow between pools or nodes of pools."""

    id: str
    source: str
    target: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A root definition others refer to: "message", "signal", "error", "escalation" or "dataStore".

    `code` is the errorCode or escalationCode; `name` is what runs are matched by.
    """

    id: str
    kind: str
    name: str = ""
    code: str = ""
    structure: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """ "dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput" or "property"."""

    id: str
    kind: str
    scope: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ref: str = ""
    is_collection: bool = False
    state: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """ "textAnnotation" (with `text`), "group", "association" (with ends) or "dataAssociation" (ditto)."""

    id: str
    kind: str
    scope: str
    text: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    target: str = ""
    direction: str = "None"
    line: int = 0

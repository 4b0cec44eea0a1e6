"""What a drawing says in our own namespace, as typed objects.

The names follow the attributes of `urn:redraw-crm:bpmn:1`. A text that begins with "=" is a FEEL
expression, any other text is meant literally; `is_feel` and `feel_of` tell them apart. The texts stay as
the file has them, so that nothing is lost between reading and writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NAMESPACE = "urn:redraw-crm:bpmn:1"


def is_feel(text: str | None) -> bool:
    """Say whether an attribute of ours holds a FEEL expression (it begins with "=")."""
    return text is not None and text.lstrip().startswith("=")


def feel_of(text: str) -> str:
    """The expression inside an attribute of ours, without its leading "=" and outer blanks."""
    stripped = text.strip()
    return stripped[1:].strip() if stripped.startswith("=") else stripped


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedValue:
    """One `name`/`value` pair: an input of an action, a mapping of a call, a part of a payload."""

    name: str
    value: str
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of a `redraw:ladder`: what is done once so many per cent of a limit have passed.

    `notify` names whom to tell ("assignee", "lead", "owner" or a role), `priority` is a number from 0 to 100 or a
    step such as "+20", `role` the role that the work is given to.
    """

    at: str
    notify: tuple[str, ...] = ()
    priority: str = ""
    role: str = ""
    line: int = 0

    @property
    def share(self) -> int:
        """Per cent of the limit; 0 when the text is no number."""
        return int(self.at) if self.at.isascii() and self.at.isdigit() and len(self.at) < 6 else 0

    @property
    def key(self) -> str:
        """By what it is told from the others of its ladder."""
        return f"{self.at} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskExt:
    """`redraw:task`: who does a task, with which form, until when; `redraw:ladder`: what a passing limit brings about."""

    role: str = ""
    assignee: str = ""
    scope: str = ""
    method: str = ""
    form: str = ""
    priority: str = ""
    limit: str = ""
    limit_time: str = "calendar"
    warn: tuple[int, ...] = ()
    four_eyes: str = ""
    grants: tuple[str, ...] = ()
    cost_rate: str = ""
    icon: str = ""
    ladder: tuple[Rung, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionExt:
    """`redraw:action`: a registered action, its inputs and its retry policy (durations are ISO 8601)."""

    name: str
    inputs: tuple[NamedValue, ...] = ()
    retries: int | None = None
    backoff: str = ""
    timeout: str = ""
    result: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionExt:
    """`redraw:decision`: the decision table a business rule task asks; no inputs means all names in scope."""

    key: str
    decision: str = ""
    result: str = ""
    binding: str = "pinned"
    inputs: tuple[NamedValue, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExt:
    """`redraw:call` with `redraw:in` and `redraw:out`: how a call activity binds and maps."""

    binding: str = "latest"
    version: int | None = None
    subject: str = ""
    inputs: tuple[NamedValue, ...] = ()
    outputs: tuple[NamedValue, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationExt:
    """`redraw:correlation`: the key a message must carry, and where its payload lands."""

    key: str = ""
    result: str = ""
    subject: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiInstanceExt:
    """Our attributes of multi-instance: the collection, its element, what is gathered."""

    collection: str = ""
    element: str = ""
    output: str = ""
    output_element: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One line of a checklist; `texts` by language."""

    key: str
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure of a process; `target` is an ISO 8601 duration or a number, `texts` by language."""

    key: str
    target: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessExt:
    """`redraw:process`: the subject type, key, title, who may start, the priority and the limit of a process;
    `redraw:ladder`: what its passing limit brings about, and that of its steps that have no ladder of their own."""

    subject: str = ""
    business_key: str = ""
    title: str = ""
    start_roles: tuple[str, ...] = ()
    priority: str = ""
    limit: str = ""
    limit_time: str = "calendar"
    ladder: tuple[Rung, ...] = ()
    line: int = 0

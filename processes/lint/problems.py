"""One finding of lint, and what the rule families look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from processes.bpmn.model import Model
from processes.lint.messages import MESSAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding: a stable `code`, the id of the `element` (empty: the file), its `severity` ("error", "block"
    or "warning"), the English `sentence`, the `params` for translating the template of the code, the ids of
    `related` elements and the line in the file."""

    code: str
    element: str
    severity: str
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    line: int = 0

    @property
    def template(self) -> str:
        """The English template, which the floors above translate and fill with `params`."""
        return MESSAGES[self.code].template


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the rule families look at: the model and what is known of the world around it.

    None of `decisions`, `forms`, `actions`, `roles`, `processes` and `subject_fields` means "not known", and
    then references of that kind are not checked; an empty collection means that there are none.
    """

    model: Model
    decisions: Mapping[str, Any] | None = None
    forms: Mapping[str, Mapping[str, Any]] | None = None
    actions: Mapping[str, Any] | None = None
    roles: Collection[str] | None = None
    processes: Collection[str] | None = None
    subject_fields: Mapping[str, Collection[str]] | None = None
    max_states: int = 6000

    def name(self, element_id: str) -> str:
        """How to call an element in a sentence."""
        return self.model.name_of(element_id)

    def is_executable(self, element_id: str) -> bool:
        """Say whether the element belongs to a process that is marked as executable."""
        element = self.model.find(element_id)
        inside = self.model.nodes.get(getattr(element, "scope", ""))
        owner = getattr(element, "process", "") or (
            inside.process if inside else getattr(element, "scope", "")
        )
        process = self.model.processes.get(owner or element_id)
        return bool(process is not None and process.is_executable)

    def problem(
        self, code: str, element: str, *, related: tuple[str, ...] = (), line: int = 0, **params: Any
    ) -> Problem | None:
        """A finding of a code; None when it does not matter in a drawing that is not executable."""
        message = MESSAGES[code]
        severity = message.severity if self.is_executable(element) else message.drawing
        if not severity:
            return None
        return problem(
            code,
            severity,
            element,
            related,
            line or self._line(element),
            {"name": self.name(element)} | params,
        )

    def _line(self, element: str) -> int:
        return int(getattr(self.model.find(element), "line", 0) or 0)


def problem(
    code: str, severity: str, element: str, related: tuple[str, ...], line: int, params: Mapping[str, Any]
) -> Problem:
    """A finding with its sentence made from the template of its code."""
    return Problem(
        code=code,
        element=element,
        severity=severity,
        sentence=MESSAGES[code].template.format_map(params),
        params=dict(params),
        related=related,
        line=line,
    )

"""The state of one evaluation of a decision model, passed to every compiled boxed expression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from processes.feel import types as ft
from processes.feel.errors import Fault
from processes.feel.runtime import Run, Site
from processes.marked import say

from .trace import MatchedRule, TraceRow

Scope: TypeAlias = dict[str, Any]
Code: TypeAlias = Callable[["State", Scope], Any]


@dataclass(slots=True)
class State:
    """Budget and diagnostics (run), the rows of the trace, and what the table being evaluated has told so far."""

    run: Run
    trace: list[TraceRow] = field(default_factory=list)
    policy: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    rules: tuple[MatchedRule, ...] = ()

    def record(self, element: str, name: str, kind: str, value: Any) -> None:
        """Add a row for an element that was just evaluated, with the last table inside it, if any."""
        self.trace.append(TraceRow(element, name, kind, self.policy, self.inputs, self.rules, value))
        self.forget()

    def forget(self) -> None:
        """Begin a new element."""
        self.policy, self.inputs, self.rules = "", {}, ()

    def bind(self, value: Any, wanted: ft.Type, what: str) -> Any:
        """A value bound to a typed variable: converted out of a singleton list, or null with a diagnostic."""
        if wanted is ft.ANY or value is None:
            return value
        try:
            return ft.argument(value, wanted, self.run.spend)
        except Fault as fault:
            reason = say("The value of “%(what)s” does not fit its type: %(reason)s", what=what, reason=fault.reason)
            self.run.fail(Site(what, 0), reason, value, "type")
            return None

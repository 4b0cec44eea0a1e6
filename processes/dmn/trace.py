"""What an evaluation leaves behind besides its value, so that a screen can say why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes.feel import Diagnostic, FeelEvaluationError


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that matched: its number from 1, its outputs by column, what its author noted beside it."""

    number: int
    id: str
    outputs: Mapping[str, Any]
    annotations: Mapping[str, str]
    description: str = ""


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One evaluated element. kind is decision, knowledge or service; hit_policy is empty when there is no table,
    otherwise U A P F R O C C+ C< C> C#; rules are those that matched, the ones that count first."""

    id: str
    name: str
    kind: str
    hit_policy: str
    inputs: Mapping[str, Any]
    rules: tuple[MatchedRule, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The value of a decision or service, why parts of it became null, and the way there (in order of evaluation)."""

    value: Any
    diagnostics: tuple[Diagnostic, ...] = ()
    trace: tuple[TraceRow, ...] = ()

    def require(self) -> Any:
        """The value; raises FeelEvaluationError when there are diagnostics."""
        if self.diagnostics:
            raise FeelEvaluationError(self.diagnostics)
        return self.value

"""What FEEL tells its callers when something is wrong: errors for text that does not parse, diagnostics for
expressions that evaluate to null (DMN 1.5, 10.3.2.16), and one error for callers who want the strict reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from processes.marked import Sentence


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Why a part of an expression became null.

    expression: the source text; position: offset in it, in characters from 0; reason: a whole sentence, to be told in the reader's language;
    value: the offending value, if any; code: a stable name of the kind of failure.
    """

    expression: str
    position: int
    reason: Sentence
    value: Any = None
    code: str = "evaluation"

    def __str__(self) -> str:
        return f"{self.reason} (in “{self.expression}”, character {self.position + 1})"


class FeelSyntaxError(ValueError):
    """The text is not a FEEL expression. `code` is stable, `position` counts characters from 0, `line` from 1."""

    def __init__(self, code: str, message: Sentence, position: int = 0, line: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position
        self.line = line


class NotReadable(ValueError):
    """A value cannot be stored as JSON, or JSON is no value; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class FeelEvaluationError(ValueError):
    """Raised by `Result.require()` when an evaluation left diagnostics behind."""

    code = "feel-evaluation"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(str(item) for item in self.diagnostics))


class Fault(Exception):
    """Inside the evaluator: this operation has no value; it becomes null with a diagnostic. Never leaves the package."""

    def __init__(self, reason: Sentence, value: Any = None, code: str = "evaluation") -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value
        self.code = code


class LimitReached(Exception):
    """Inside the evaluator: a budget is used up; the whole evaluation stops and is null. Never leaves the package."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)
        self.reason = reason

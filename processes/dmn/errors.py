"""What DMN tells its callers: one error for files that cannot be used, problems for lint, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from processes.marked import Sentence


class DmnError(ValueError):
    """The file is no usable decision model. `code` is stable; `element` is the id or name of the element, if known."""

    def __init__(self, code: str, message: Sentence, element: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.element = element


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of check(): severity is error, block or warning; the sentence says what to do."""

    code: str
    element: str
    severity: str
    sentence: str

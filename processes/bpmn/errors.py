"""What can go wrong when a BPMN file is read: one code per failure, with element and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from processes.marked import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something in a readable file that is wrong in itself. `code` is stable, `sentence` English; the floors
    above translate by code and fill in `params`."""

    code: str
    sentence: str
    element: str = ""
    line: int = 0
    params: Mapping[str, object] = field(default_factory=dict)
    related: tuple[str, ...] = ()


class BpmnError(Exception):
    """The file cannot be read at all. Carries a stable `code`, a whole `sentence`, `element` and `line`."""

    def __init__(self, code: str, sentence: Sentence, element: str = "", line: int = 0) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.element = element
        self.line = line

"""BPMN 2.0 files: read into a typed frozen model, written back without loss, compared, drawn. Pure.

The doors: `parse(xml) -> Model`, `write(model) -> bytes`, `diff(a, b)`, `svg.render(model, ...)`.
"""

from processes.bpmn.differ import Change, diff
from processes.bpmn.errors import BpmnError, Issue
from processes.bpmn.model import Model
from processes.bpmn.parser import parse
from processes.bpmn.writer import write

__all__ = ["BpmnError", "Change", "Issue", "Model", "diff", "parse", "write"]

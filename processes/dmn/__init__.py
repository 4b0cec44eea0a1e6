"""Decision models (DMN 1.1 to 1.6) over FEEL: load once, evaluate often, with the reasons of each answer.

    decisions = load(xml)
    result = decisions.evaluate("Severity", {"Amount": 5000, "Customer": {"tier": "gold"}})
    result.value, result.diagnostics, result.trace

A file is written back without loss, whatever version of DMN it is, with a table changed or not:

    Document(xml).with_table(0, changed).write()

Pure: no Django, no database. Files are kept verbatim by their owners."""

from .decisions import DecisionInfo, Decisions, InputInfo, OutputInfo, load
from .errors import DmnError, Problem
from .trace import DecisionResult, MatchedRule, TraceRow
from .writer import Document, Place, canonical

__all__ = [
    "DecisionInfo", "DecisionResult", "Decisions", "DmnError", "Document", "InputInfo", "MatchedRule", "OutputInfo",
    "Place", "Problem", "TraceRow", "canonical", "load",
]

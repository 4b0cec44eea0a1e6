"""Decision models (DMN 1.1 to 1.6) over FEEL: load once, evaluate often, with the reasons of each answer.

    decisions = load(xml)
    result = decisions.evaluate("Severity", {"Amount": 5000, "Customer": {"tier": "gold"}})
    result.value, result.diagnostics, result.trace

Pure: no Django, no database. Files are kept verbatim by their owners; nothing here writes XML."""

from .decisions import DecisionInfo, Decisions, InputInfo, OutputInfo, load
from .errors import DmnError, Problem
from .trace import DecisionResult, MatchedRule, TraceRow

__all__ = [
    "DecisionInfo", "DecisionResult", "Decisions", "DmnError", "InputInfo", "MatchedRule", "OutputInfo", "Problem",
    "TraceRow", "load",
]

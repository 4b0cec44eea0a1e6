"""FEEL, the expression language of DMN 1.5 (chapter 10.3), with no dependency on Django and no use of eval.

    evaluate("deal.amount * 0.1 > limit", {"deal": {"amount": 500}, "limit": 20}).value   # True
    unary("[1..10], > 100", 7).value                                                        # True

A part that has no meaning (a missing name, a wrong type, a division by zero) becomes null with a Diagnostic, as the
standard says; Result.require() is the strict reading."""

from .errors import Diagnostic, FeelEvaluationError, FeelSyntaxError, NotReadable
from .evaluation import Expression, Result, evaluate, free_paths, names, parse, parse_unary, unary
from .limits import DEFAULT, Limits
from .runtime import Clock, system_clock
from .temporal import YearsMonths
from .values import Range, to_text
from .wire import from_json, to_json

__all__ = [
    "DEFAULT", "Clock", "Diagnostic", "Expression", "FeelEvaluationError", "FeelSyntaxError", "Limits", "NotReadable",
    "Range", "Result", "YearsMonths", "evaluate", "free_paths", "from_json", "names", "parse", "parse_unary", "system_clock",
    "to_json", "to_text", "unary",
]

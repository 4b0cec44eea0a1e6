"""What is wrong with a drawing, in the owner's language. Pure.

The door: `check(model, ...) -> [Problem(code, element, severity, sentence, params, related)]`; severities are
"error" (cannot be published), "block" (a reviewer may waive it with a reason) and "warning".
"""

from processes.lint.checker import check, check_text
from processes.lint.messages import BLOCK, ERROR, MESSAGES, SEVERITIES, WARNING
from processes.lint.problems import Problem

__all__ = ["BLOCK", "ERROR", "MESSAGES", "SEVERITIES", "WARNING", "Problem", "check", "check_text"]

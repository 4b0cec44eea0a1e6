"""Faults of the file itself: duplicate ids, dangling references, no process."""

from __future__ import annotations

from collections.abc import Iterator

from processes.lint.messages import MESSAGES
from processes.lint.problems import Look, Problem, problem


def check(look: Look) -> Iterator[Problem | None]:
    """What the parser could not read as meant."""
    for issue in look.model.issues:
        severity = MESSAGES[issue.code].severity
        yield problem(issue.code, severity, issue.element, issue.related, issue.line, issue.params)
    executable = [p for p in look.model.processes.values() if p.is_executable]
    if look.model.processes and not executable:
        first = look.model.process
        yield problem("no_executable_process", "warning", first.id, (), first.line, {})

"""The outside BPMN suites that need no engine: drawings that must be refused, and the MIWG reference drawings.

A must-reject drawing passes when lint gives an error on an element involved: it must not be the blanket
'not executable', which says nothing of the broken rule. A MIWG drawing passes when it can be parsed, is written
back without loss (canonical XML) and lint gives no error but 'not executable'.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from lxml import etree

from processes.bpmn import BpmnError, parse, write
from processes.lint import Problem, check

MUST_REJECT = "constraints_must_reject"
NOT_EXECUTABLE = "not_executable"


def run(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Both suites of a data folder (the one that holds `bpmn/`), or those of them that are there."""
    base = Path(folder) / "bpmn"
    suites = {"bpmn/constraints_must_reject": (base / MUST_REJECT, refused), "bpmn/miwg": (base / "miwg", kept)}
    return {name: _suite(path, judge) for name, (path, judge) in suites.items() if path.is_dir()}


def _suite(path: Path, judge: Any) -> dict[str, Any]:
    failures = []
    files = sorted(path.rglob("*.bpmn"))
    for file in files:
        reason = judge(file.read_bytes())
        if reason:
            failures.append({"case": file.relative_to(path).as_posix(), "reason": reason})
    return {"passed": len(files) - len(failures), "total": len(files), "failures": failures}


def refused(xml: bytes) -> str:
    """Why a must-reject drawing was not refused as it should be; empty when it was."""
    try:
        model = parse(xml)
    except BpmnError:
        return "the file as a whole was refused, so no rule and no element is named"
    named = [p for p in errors(check(model)) if p.element]
    return "" if named else "lint gives no error that names an element"


def kept(xml: bytes) -> str:
    """Why a reference drawing does not pass; empty when it does."""
    try:
        model = parse(xml)
    except BpmnError as error:
        return f"cannot be read: {error.sentence}"
    if canonical(write(model)) != canonical(xml):
        return "written back, it is not the same document"
    found = errors(check(model))
    return f"lint gives the error {found[0].code}: {found[0].sentence}" if found else ""


def errors(problems: list[Problem]) -> list[Problem]:
    """The findings that count in both suites."""
    return [p for p in problems if p.severity == "error" and p.code != NOT_EXECUTABLE]


def canonical(xml: bytes) -> bytes:
    """W3C canonical XML with comments, made by a plain parser that shares nothing with ours."""
    out = io.BytesIO()
    etree.fromstring(xml).getroottree().write_c14n(out, with_comments=True)
    return out.getvalue()

"""The outside BPMN suites that need no engine: drawings that must be refused, and the MIWG reference drawings.

A must-reject drawing passes when lint gives the error, on the element, that stands for it in `must_reject.toml`; a
drawing that does not stand there (the suite here is a part of a larger one) passes with any error that names an
element, but not with the blanket 'not executable', which says nothing of the broken rule. A MIWG drawing passes when it can be parsed, is written
back without loss (canonical XML) and lint gives no error but 'not executable'.
"""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

from lxml import etree

from processes.bpmn import BpmnError, parse, write
from processes.lint import Problem, check

MUST_REJECT = "constraints_must_reject"
NOT_EXECUTABLE = "not_executable"
EXPECTED: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "must_reject.toml").read_text(encoding="utf-8"))
"""By file: the code and the element of the error that must be given."""


def run(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Both suites of a data folder (the one that holds `bpmn/`), or those of them that are there."""
    base = Path(folder) / "bpmn"
    suites = {"bpmn/constraints_must_reject": (base / MUST_REJECT, refused), "bpmn/miwg": (base / "miwg", kept)}
    return {name: _suite(path, judge) for name, (path, judge) in suites.items() if path.is_dir()}


def _suite(path: Path, judge: Any) -> dict[str, Any]:
    failures = []
    files = sorted(path.rglob("*.bpmn"))
    for file in files:
        name = file.relative_to(path).as_posix()
        reason = judge(file.read_bytes(), name)
        if reason:
            failures.append({"case": name, "reason": reason})
    return {"passed": len(files) - len(failures), "total": len(files), "failures": failures}


def refused(xml: bytes, name: str) -> str:
    """Why a must-reject drawing was not refused as it should be; empty when it was."""
    try:
        model = parse(xml)
    except BpmnError:
        return "the file as a whole was refused, so no rule and no element is named"
    found = {(p.code, p.element) for p in errors(check(model)) if p.element}
    if name in EXPECTED:
        wanted = (EXPECTED[name]["code"], EXPECTED[name]["element"])
        return "" if wanted in found else f"lint does not give {wanted[0]} at {wanted[1]}"
    return "" if found else "lint gives no error that names an element"


def kept(xml: bytes, _name: str) -> str:
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

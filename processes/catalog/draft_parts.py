"""The parts of a draft, each edited by itself: how it is read from the row, judged, and written back.

A process version has the parts "drawing", "tests" and "form:<id>", a decision version "dmn" and "examples". The content
of a part is a text, whatever it is stored as. What is unfinished is kept; what could not be opened again is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

from processes.bpmn import BpmnError
from processes.bpmn.xml import read
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.errors import Invalid, NotFound
from processes.spoken import gettext as _
from processes.spoken import spoken

DRAWING, TESTS, DMN, EXAMPLES, FORM = "drawing", "tests", "dmn", "examples", "form:"
MOST_JSON = 2 * 1024 * 1024
_FORM = re.compile(r"form:[A-Za-z_][\w-]{0,100}\Z")

Version = ProcessVersion | DecisionVersion


def demand_part(version: Version, part: str) -> None:
    """NotFound unless the version has a part of that name; a form need not be there yet."""
    mine = (DRAWING, TESTS) if isinstance(version, ProcessVersion) else (DMN, EXAMPLES)
    if part not in mine and not (isinstance(version, ProcessVersion) and _FORM.match(part)):
        raise NotFound(_("%(version)s has no part “%(part)s”.") % {"version": version, "part": part})


def parts_of(version: Version) -> list[str]:
    """The names of the parts that the version has."""
    if isinstance(version, DecisionVersion):
        return [DMN, EXAMPLES]
    return [DRAWING, *(FORM + key for key in sorted(version.forms)), TESTS]


def content_of(version: Version, part: str) -> str:
    """A part as a text; empty for a form that is not there."""
    if isinstance(version, DecisionVersion):
        return version.dmn if part == DMN else written(version.examples)
    if part == DRAWING:
        return version.bpmn
    if part == TESTS:
        return written(version.tests)
    schema = version.forms.get(part.removeprefix(FORM))
    return "" if schema is None else written(schema)


def put(version: Version, part: str, content: str) -> None:
    """Set a part of the version in memory; Invalid with a sentence when the text cannot be one."""
    if isinstance(version, DecisionVersion):
        if part == DMN:
            version.dmn = _xml(content)
        else:
            version.examples = _json(content, list)
    elif part == DRAWING:
        version.bpmn = _xml(content)
    elif part == TESTS:
        version.tests = _json(content, list)
    else:
        key, forms = part.removeprefix(FORM), dict(version.forms)
        if content.strip():
            forms[key] = _json(content, dict)
        else:
            forms.pop(key, None)
        version.forms = forms


def written(value: Any) -> str:
    """A value as the JSON text that people compare and merge: one way only."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _xml(content: str) -> str:
    try:
        read(content)
    except BpmnError as error:
        raise Invalid(spoken(error.sentence)) from error
    return content


def _json(content: str, kind: type[Any]) -> Any:
    if len(content) > MOST_JSON:
        raise Invalid(_("This is too large: at most %(most)d MB.") % {"most": MOST_JSON // 2**20})
    try:
        value = json.loads(content)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid(_("This is not JSON. Nothing was saved.")) from error
    if not isinstance(value, kind):
        raise Invalid(_("This is JSON of another shape than asked for. Nothing was saved."))
    return value

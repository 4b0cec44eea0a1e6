"""A process test out of a run that really happened, without anybody's data.

Taken over are the way, the answers of tables, the end, and of record and answers only what conditions and tables read;
a text only where it is a word of the drawing or of its tables, for all others may name somebody. What a form demands
besides is filled with a stand-in. So the test may not hold at once; running it tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID

from processes import feel, ports
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import Invalid
from processes.inbox import overview
from processes.inbox.form_model import Component
from processes.inbox.form_values import write
from processes.inbox.forms import FormSchema
from processes.rehearsal import playing, testing
from processes.rehearsal.content import gather
from processes.rehearsal.expecting import outcome_of, words_read
from processes.runtime.models import HUMAN_KINDS, STATUS, ProcessInstance, Task, VariableChange
from processes.spoken import gettext as _

_QUOTED = re.compile(r'"([^"\n]{1,80})"')


def record_from(instance_id: UUID, name: str, *, user: Any) -> testing.Test:
    """Keep a finished run as a test of the draft. NotFound for who may not see it, NotAllowed for who does not answer
    for the process, Invalid for a run that has not ended."""
    found = overview.instance(instance_id, user=user)
    testing.demand_owner(found.definition, user)
    if found.is_open:
        raise Invalid(_("This run has not ended yet. A test needs one that came to its end."))
    version = ProcessVersion.objects.select_related("definition").get(pk=found.version_id)
    read, said = words_read(version), _literals(version)
    test = {
        "name": testing.title_of(name), "at": found.created.isoformat(), "record": _record(found, read, said), "data": {},
        "steps": list(_steps(found, version, read, said)), "expect": _nameless(outcome_of(found), said),
    }  # fmt: skip
    testing.add(version, test, user=user)
    return test


def _record(instance: ProcessInstance, read: set[str], said: set[str]) -> dict[str, Any]:
    """What the record says in the fields that conditions and tables read, as far as a sample knows them."""
    kind = ports.subjects().get(instance.subject_type)
    record = kind.load(instance.subject_id) if kind is not None and instance.subject_id is not None else None
    if kind is None or record is None:
        return {}
    view = kind.view(record)
    known = [item.name for item in playing.sample_fields(instance.subject_type)]
    taken = {name: view[name] for name in known if name in read and name in view}
    return {name: feel.to_json(value) for name, value in taken.items() if _tells_nobody(value, said)}


def _steps(instance: ProcessInstance, version: ProcessVersion, read: set[str], said: set[str]) -> Iterator[dict[str, Any]]:
    """What people did, in its order, with the time between."""
    rows = (
        Task.objects.stored().filter(process__root=instance.pk, kind__in=HUMAN_KINDS, is_body=False, status=STATUS.DONE)
        .select_related("process__definition", "process__version").order_by("finished", "pk")
    )  # fmt: skip
    at = instance.created
    for row in rows:
        finished = row.finished or at
        if finished - at >= timedelta(seconds=1):
            yield {"do": "wait", "seconds": (finished - at).total_seconds()}
        at = finished
        step: dict[str, Any] = {"do": "complete", "element": row.node_id, "role": row.role, "entered": _entered(row, read, said)}
        if row.process_id != instance.pk:
            step["process"] = row.process.definition.key
        if row.loop_counter is not None:
            step["turn"] = row.loop_counter
        yield step


def _entered(row: Task, read: set[str], said: set[str]) -> dict[str, Any]:
    element = catalog.model_of(row.process.version).nodes.get(row.node_id)
    schema = row.process.version.forms.get(row.form_key)
    if not isinstance(element, TaskElement) or not schema:
        return {}
    changes = VariableChange.objects.filter(task=row.pk).order_by("at", "pk")
    set_here = {change.name: feel.from_json(change.value) for change in changes}
    kind = ports.subjects().get(row.process.subject_type)
    record = kind.load(row.process.subject_id) if kind is not None and row.process.subject_id is not None else None
    view = kind.view(record) if kind is not None and record is not None else {}
    entered = {}
    for item in FormSchema.parse(schema).fields:
        name = item.bind.partition(".")[2] or item.key
        value = view.get(name) if item.bind else set_here.get(item.key)
        if name not in read or not (item.options or _tells_nobody(value, said)):
            value = _stand_in(item, value, row)
        if value is not None and value != "":
            entered[item.key] = _typed(value)
    return entered


def _stand_in(item: Component, value: Any, row: Task) -> Any:
    """Something harmless in the place of what was entered; nothing where nothing was. Choices are no one's data."""
    if value in (None, "", []):
        return None
    if item.options or isinstance(value, bool):
        return value
    if item.type == "number":
        return 1
    if isinstance(value, date):
        return (row.finished or row.created).date() + timedelta(days=7)
    return _("Example") if isinstance(value, str) else None


def _tells_nobody(value: Any, said: set[str]) -> bool:
    """Whether a value can be kept: no text but a word of the drawing or its tables."""
    return value is not None and (not isinstance(value, str) or value in said)


def _literals(version: ProcessVersion) -> set[str]:
    """The texts that stand in quotes in the drawing and in the tables it asks."""
    sources = [version.bpmn, *(decision.dmn for decision in gather(version).decisions.values())]
    return {unescape(found) for source in sources for found in _QUOTED.findall(unescape(source))}


def _nameless(expect: dict[str, Any], said: set[str]) -> dict[str, Any]:
    """What is expected, without texts that are no words of the process."""
    decisions = [{**one, "outcome": _parts(one["outcome"], said)} for one in expect["decisions"]]
    variables = {name: value for name, value in expect["variables"].items() if _tells_nobody(value, said)}
    return {**expect, "decisions": decisions, "variables": variables}


def _parts(outcome: Any, said: set[str]) -> Any:
    if isinstance(outcome, dict):
        return {name: part for name, part in outcome.items() if part is None or (_is_simple(part) and _tells_nobody(part, said))}
    return outcome if _tells_nobody(outcome, said) else {}


def _is_simple(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _typed(value: Any) -> Any:
    """A value as it would be typed."""
    if isinstance(value, bool):
        return "on" if value else ""
    return write(value)

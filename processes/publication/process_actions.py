"""What the process of a change does by itself: check, record a review, publish or pilot, end a pilot.

Each action may run twice and happens once. What cannot be published is an answer, not an incident: the author is told
the reason by a task.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from processes import ports
from processes.actions import ActionCall, Param, action
from processes.bpmn.differ import diff
from processes.catalog import selectors as catalog
from processes.errors import ProcessError
from processes.publication import changes, ending, handing_in, reviewing, services
from processes.publication.models import ProcessChange
from processes.publication.subject import KEY
from processes.spoken import gettext as _


def _change(call: ActionCall) -> int:
    if call.subject is None or call.subject.type != KEY:
        raise ProcessError(_("This action needs a process about a change."))
    return call.subject.id


def _row(call: ActionCall) -> ProcessChange:
    return ProcessChange.objects.select_related("version__definition", "version__base", "definition", "author").get(pk=_change(call))


@action(
    "process.check", label=gettext_lazy("Check a change"), background=True, result="checks",
    help=gettext_lazy("Runs all checks and the process tests of the version; gives what stands in the way and how large the change is."),
)  # fmt: skip
def check(call: ActionCall) -> dict[str, Any]:
    """Errors and failing tests, and how many elements were touched."""
    row = _row(call)
    said = ending.errors_of(row) + [finding.sentence for finding in services.failing_tests(row.version)]
    return {"fit": not said, "why": "\n".join(said[:10]), "size": size_of(row)}


def size_of(row: ProcessChange) -> int:
    """How many elements, forms and decisions differ from the version that the draft was drawn from."""
    version = row.version
    base = version.base
    if base is None:
        return len(catalog.model_of(version).nodes)
    found = len(list(diff(catalog.model_of(base), catalog.model_of(version))))
    forms = sum(base.forms.get(key) != version.forms.get(key) for key in {*base.forms, *version.forms})
    drafts = sum(decision.is_open for decision in services.decisions_asked(version).values()) if version.is_open else 0
    return found + forms + drafts


@action(
    "process.send_back", label=gettext_lazy("Send a change back"),
    parameters=[Param("reason", "text", gettext_lazy("reason"), default="")],
)  # fmt: skip
def send_back(call: ActionCall) -> None:
    """The checks speak against it: its author may mend it."""
    row = _row(call)
    if row.state == ProcessChange.State.SUBMITTED:
        changes.note(row, "checks_failed", None, str(call.inputs.get("reason") or ""))
        changes.back(row)


@action(
    "process.review", label=gettext_lazy("Record a review"), result="approvals",
    parameters=[
        Param("verdict", "text", gettext_lazy("verdict"), required=True), Param("reason", "text", gettext_lazy("reason"), default=""),
    ],
)  # fmt: skip
def review(call: ActionCall) -> int:
    """Records the verdict of who has just completed the step; never the author's own."""
    return reviewing.review(
        _change(call), verdict=str(call.inputs["verdict"]), reason=str(call.inputs.get("reason") or ""), user=call.user
    )


@action("process.approve", label=gettext_lazy("Approve a change"))
def approve(call: ActionCall) -> None:
    """All reviews are in favour."""
    reviewing.approve(_change(call), user=call.user)


@action(
    "process.resubmit", label=gettext_lazy("Hand a change in again"),
    parameters=[
        Param("again", "boolean", gettext_lazy("hand in again"), required=True),
        Param("reason", "text", gettext_lazy("what was mended"), default=""),
    ],
    result="handed_in",
)  # fmt: skip
def resubmit(call: ActionCall) -> dict[str, Any]:
    """Hands a mended change in again, or gives it up. What still stands in the way is the answer."""
    row = _row(call)
    reason = str(call.inputs.get("reason") or "")
    if not call.inputs["again"]:
        changes.note(row, "withdrawn", call.user, reason)
        changes.close(row, ProcessChange.State.WITHDRAWN)
        return {"done": True, "why": ""}
    try:
        handing_in.resubmit(row.pk, user=call.user, reason=reason)
    except ProcessError as error:
        changes.note(row, "not_handed_in", call.user, error.sentence)
        return {"done": False, "why": error.sentence}
    return {"done": True, "why": ""}


def _publish(call: ActionCall) -> dict[str, Any]:
    row = _row(call)
    with ports.audit().acting(user=row.author, action=call.name, instance=call.instance_id, task=call.task_id):
        try:
            ending.publish(row.pk)
        except ProcessError as error:
            ending.could_not(row.pk, reason=error.sentence)
            return {"done": False, "why": error.sentence}
    return {"done": True, "why": ""}


@action(
    "process.publish", label=gettext_lazy("Publish an approved change"), background=True, result="published",
    help=gettext_lazy("Makes the version of the change the one that everything new runs on. When it cannot, nothing is changed, and the answer says why."),
)  # fmt: skip
def publish(call: ActionCall) -> dict[str, Any]:
    """Publishes the version of an approved change."""
    return _publish(call)


@action(
    "process.pilot", label=gettext_lazy("Begin the pilot of an approved change"), background=True, result="published",
    help=gettext_lazy("Sends the part of what begins that the change names to its version. When it cannot, nothing is changed, and the answer says why."),
)  # fmt: skip
def pilot(call: ActionCall) -> dict[str, Any]:
    """Begins the pilot of an approved change."""
    return _publish(call)


@action(
    "process.end_pilot", label=gettext_lazy("End a pilot"), result="ended",
    parameters=[
        Param("roll_out", "boolean", gettext_lazy("roll out"), required=True),
        Param("reason", "text", gettext_lazy("reason"), required=True),
    ],
)  # fmt: skip
def end_pilot(call: ActionCall) -> dict[str, Any]:
    """Rolls a pilot out or withdraws it. What stands in the way is the answer."""
    try:
        ending.end_pilot(
            _change(call), roll_out=bool(call.inputs["roll_out"]), reason=str(call.inputs["reason"]), user=call.user
        )
    except ProcessError as error:
        return {"done": False, "why": error.sentence}
    return {"done": True, "why": ""}

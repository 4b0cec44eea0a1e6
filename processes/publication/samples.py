"""A change to rehearse with: a small invented process with a draft that has one step more, handed in by its owner.

The process that reviews changes can be rehearsed and tested like every other one. Only its own throw-away database
holds the invented process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from processes import ports
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.errors import Invalid
from processes.ports import SampleField
from processes.publication import services
from processes.publication.changes import note
from processes.publication.models import PARTS, ProcessChange
from processes.publication.obstacles import content_of
from processes.spoken import gettext as _

KEY = "sample_process"
FIELDS = (
    SampleField("customers_notice", gettext_lazy("customers notice it"), "boolean", False),
    SampleField("left_out", gettext_lazy("parts of the record left out"), "number", 0),
    SampleField("way", gettext_lazy("when"), "choice", "now", tuple(ProcessChange.Way.choices)),
)
_STEP = """<bpmn:userTask id="{id}" name="{id}"><bpmn:extensionElements><redraw:task role="process_owner" limit="PT8H"/>
</bpmn:extensionElements><bpmn:incoming>To{id}</bpmn:incoming><bpmn:outgoing>From{id}</bpmn:outgoing></bpmn:userTask>"""
_WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:redraw="urn:redraw-crm:bpmn:1" id="Sample"
 targetNamespace="urn:redraw-crm:sample"><bpmn:process id="sample_process" name="Sample process" isExecutable="true">
<bpmn:startEvent id="Begun" name="Begun"><bpmn:outgoing>{first}</bpmn:outgoing></bpmn:startEvent>{steps}
<bpmn:endEvent id="Done" name="Done"><bpmn:incoming>{last}</bpmn:incoming></bpmn:endEvent>{flows}
</bpmn:process></bpmn:definitions>"""


def make(values: Mapping[str, Any], owner: Any) -> tuple[int, Mapping[str, Any]]:
    """A change that was handed in by `owner`; Invalid for values that a sample does not have."""
    known = {field.name: field.value for field in FIELDS}
    strange = sorted(set(values) - set(known))
    if strange:
        raise Invalid(_("A rehearsal’s record has no “%(name)s”.") % {"name": strange[0]})
    chosen = {**known, **values}
    if chosen["way"] not in ProcessChange.Way.values or not 0 <= int(chosen["left_out"]) <= len(PARTS):
        raise Invalid(_("Say when it shall be published."))
    definition = ProcessDefinition.objects.create(
        key=KEY, titles={"en": "Sample process", "zh-hans": "示例流程"}, category="sales", owner=owner
    )
    today = _version(definition, 1, "Look")
    services.publish_now(today, owner, tested=True)
    draft = _version(definition, 2, "Look", "Decide")
    draft.base, draft.state, draft.created_by = today, State.IN_REVIEW, owner
    draft.save()
    row = ProcessChange.objects.create(
        definition=definition, version=draft, author=owner, owner=owner, title=_("Decide after looking"),
        state=ProcessChange.State.SUBMITTED, submitted_at=ports.now(), round=1, content_hash=content_of(draft),
        way=chosen["way"], customers_notice=bool(chosen["customers_notice"]), diagnosis="Nobody decides.",
        measures="A decision within a day.", customer_view="An answer.", training="None.",
        waived=dict.fromkeys(PARTS[: int(chosen["left_out"])], "A rehearsal."),
    )  # fmt: skip
    note(row, "submitted", owner)
    return row.pk, {}


def _version(definition: ProcessDefinition, number: int, *steps: str) -> ProcessVersion:
    ends = ["Begun", *steps, "Done"]
    names = [f"To{step}" if step in steps else "ToDone" for step in ends[1:]]
    flows = "".join(
        f'<bpmn:sequenceFlow id="{name}" sourceRef="{a}" targetRef="{b}"/>' for name, a, b in zip(names, ends, ends[1:], strict=False)
    )
    drawn = [_STEP.format(id=step).replace(f"From{step}", names[at + 1]) for at, step in enumerate(steps)]
    bpmn = _WHOLE.format(first=names[0], last=names[-1], steps="".join(drawn), flows=flows)
    return ProcessVersion.objects.create(definition=definition, number=number, bpmn=bpmn)

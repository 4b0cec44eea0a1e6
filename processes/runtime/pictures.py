"""The drawing of a version, or of an instance with its tokens, the way it took, what is late and what failed."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from viewflow.workflow.status import STATUS

from processes import ports
from processes.bpmn.svg import render
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.runtime.models import ProcessInstance, Task


def drawing(
    *, version_id: UUID | None = None, instance_id: UUID | None = None, language: str | None = None, **figures: Any
) -> str:
    """SVG of a version, with `figures` laid over it as the renderer knows them (tokens, notes, heat, alerts, counts,
    hints), or of an instance. Who may see it is asked before."""
    language = language or get_language() or "en"
    if instance_id is None:
        if version_id is None:
            raise ValueError("Either a version or an instance is drawn.")
        version = ProcessVersion.objects.get(pk=version_id)
        return render(catalog.model_of(version), language=language, **figures)
    instance = ProcessInstance.objects.stored().select_related("version").get(pk=instance_id)
    rows = Task.objects.stored().filter(process=instance_id).values_list(
        "node_id", "status", "armed", "is_body", "arrived_by", "due_at"
    )  # fmt: skip
    tokens: Counter[str] = Counter()
    done, taken, late, failed = set(), set(), set(), {}
    now = ports.now()
    for node_id, status, armed, is_body, arrived_by, due_at in rows:
        if arrived_by and not armed:
            taken.add(arrived_by)
        if status == STATUS.DONE:
            done.add(node_id)
        elif status not in (STATUS.CANCELED, STATUS.REVIVED) and not armed:
            if not is_body:
                tokens[node_id] += 1
            if due_at is not None and due_at < now:
                late.add(node_id)
            if status == STATUS.ERROR:
                failed[node_id] = "!"
    return render(
        catalog.model_of(instance.version), language=language, tokens=dict(tokens), done=done, taken=taken, late=late,
        badges=failed,
    )  # fmt: skip

"""Changes as something that a process can be about: what drawings may read of them, and who sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from processes import ports
from processes.ports import SubjectField, SubjectType

KEY = "process_change"


def view(row: Any) -> Mapping[str, Any]:
    """What expressions read of a change."""
    from processes.publication import changes

    return {
        "number": row.number, "title": row.title, "process": row.definition.key, "process_name": row.definition.title(),
        "category": row.definition.category, "version": row.version.number, "author": row.author_id,
        "author_name": ports.people().display(row.author), "not_by": changes.not_by(row), "approvals": changes.approvals(row),
        "state": row.state, "way": row.way, "at": row.at, "pilot_until": row.pilot_until, "share": row.share,
        "rule": row.rule, "waived": len(row.waived) + len(row.findings_waived), "customers_notice": row.customers_notice,
        "diagnosis": row.diagnosis, "measures": row.measures, "customer_view": row.customer_view, "training": row.training,
        "came_back": changes.came_back(row),
        "left_out": "; ".join([*row.waived.values(), *row.findings_waived.values()]),
    }  # fmt: skip


def _fields() -> tuple[SubjectField, ...]:
    return (
        SubjectField("number", "text", _("number")),
        SubjectField("title", "text", _("title")),
        SubjectField("process", "text", _("process")),
        SubjectField("process_name", "text", _("process")),
        SubjectField("category", "text", _("category")),
        SubjectField("version", "number", _("version")),
        SubjectField("author", "user", _("author")),
        SubjectField("author_name", "text", _("author")),
        SubjectField("not_by", "list", _("who may not review it")),
        SubjectField("approvals", "number", _("approvals in this round")),
        SubjectField("state", "text", _("state")),
        SubjectField("way", "text", _("when")),
        SubjectField("at", "datetime", _("moment")),
        SubjectField("pilot_until", "datetime", _("pilot until")),
        SubjectField("share", "number", _("share in per cent")),
        SubjectField("rule", "text", _("rule")),
        SubjectField("waived", "number", _("how much is waived")),
        SubjectField("customers_notice", "boolean", _("customers notice it")),
        SubjectField("diagnosis", "text", _("diagnosis")),
        SubjectField("measures", "text", _("measures")),
        SubjectField("customer_view", "text", _("customer’s view")),
        SubjectField("training", "text", _("training")),
        SubjectField("came_back", "text", _("why it came back")),
        SubjectField("left_out", "text", _("left out, with the reason")),
    )


def register() -> None:
    """Called once from AppConfig.ready."""
    from processes.publication import changes, samples
    from processes.publication.models import ProcessChange

    rows = ProcessChange.objects.select_related("definition", "version__definition", "author", "pilot")
    ports.subjects().register(
        SubjectType(
            key=KEY, label=_("change of a process"), fields=_fields(), load=lambda pk: rows.filter(pk=pk).first(), view=view,
            title=lambda row: f"{row.number} {row.title}".strip(), visible=changes.visible,
            may_start=lambda user, row: False, owner=lambda row: row.author, model=ProcessChange,
            sample=ports.Sample(samples.FIELDS, samples.make),
        )
    )  # fmt: skip

"""Reads of the kernel: history of a record."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from crm_core.kernel.models import AuditEntry


def history_of(obj: Model) -> QuerySet[AuditEntry]:
    """Every recorded change of a record, newest first. Whoever may see the record may see it."""
    return AuditEntry.objects.filter(model=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-id")

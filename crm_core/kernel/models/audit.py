"""Who changed what: rows written by triggers, never by Python, and never changed again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One change of one row of an audited table.

    `changes` maps a column to [before, after]. There are no foreign keys: an entry outlives
    everything it speaks of. `at` is the time of the clock in use when it happened. `acting_for_id` is the absent person in
    whose stead the person did it.
    """

    class Operation(models.TextChoices):
        INSERT = "insert", _("created")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    at = models.DateTimeField(_("at"), db_index=True)
    model = models.CharField(_("record"), max_length=100)
    object_id = models.CharField(_("record id"), max_length=40)
    operation = models.CharField(_("operation"), max_length=10, choices=Operation.choices)
    changes = models.JSONField(_("changes"), default=dict)
    actor_id = models.BigIntegerField(_("person"), null=True)
    acting_for_id = models.BigIntegerField(_("acting for"), null=True)
    instance_id = models.CharField(_("process instance"), max_length=40, blank=True)
    task_id = models.CharField(_("task"), max_length=40, blank=True)
    action = models.CharField(_("action"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    request_id = models.CharField(_("request"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["model", "object_id", "-id"], name="audit_of_record"),
            models.Index(fields=["actor_id", "-id"], name="audit_of_actor"),
            models.Index(fields=["instance_id"], name="audit_of_instance"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.operation} {self.model}:{self.object_id}"

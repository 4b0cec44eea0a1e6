"""Work in bulk as rows: what was asked for by whom and why, and what became of each instance."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports


class BulkRun(models.Model):
    """One thing done to many instances. `wanted` is the filter they were chosen by (empty for those ticked one by one);
    `total` of them were chosen, and `capped` says that more matched."""

    class Kind(models.TextChoices):
        RETRY = "retry", _("Try failed steps again")
        CANCEL = "cancel", _("Cancel")
        SUSPEND = "suspend", _("Suspend")
        RESUME = "resume", _("Resume")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("what is done"), max_length=10, choices=Kind.choices)
    wanted = models.JSONField(_("chosen by"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField(_("how many were chosen"), default=0)
    capped = models.BooleanField(_("more matched"), default=False)
    created_at = models.DateTimeField(_("begun"), default=ports.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("begun by")
    )
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("work in bulk")
        verbose_name_plural = _("work in bulk")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.total}"


class BulkItem(models.Model):
    """What became of one instance. `problem` says by language why it could not be done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be done")
        DONE = "done", _("done")
        REFUSED = "refused", _("could not be done")
        NOTHING = "nothing", _("nothing was to be done")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items", db_index=False, verbose_name=_("work in bulk"))
    instance = models.ForeignKey(
        "process_runtime.ProcessInstance", models.CASCADE, related_name="+", verbose_name=_("process instance")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.JSONField(_("why not"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    at = models.DateTimeField(_("at"), null=True, blank=True)

    class Meta:
        verbose_name = _("instance of work in bulk")
        verbose_name_plural = _("instances of work in bulk")
        constraints = [models.UniqueConstraint(fields=["run", "instance"], name="an_instance_once_in_a_run")]
        indexes = [models.Index(fields=["run", "state"], name="bulk_item_by_state")]

    def __str__(self) -> str:
        return f"{self.instance_id}: {self.get_state_display()}"

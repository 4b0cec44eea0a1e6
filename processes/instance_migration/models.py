"""Migrations as rows: what was planned, how far it is, and what became of each instance."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports


class Migration(models.Model):
    """Instances of one version on their way to another.

    `changes` is what a person changed in the proposed plan (element or flow of the old drawing to one of the
    new), `restart` the elements whose timers and limits begin anew.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey("process_catalog.ProcessVersion", models.PROTECT, related_name="+", verbose_name=_("old version"))
    target = models.ForeignKey("process_catalog.ProcessVersion", models.PROTECT, related_name="+", verbose_name=_("new version"))
    changes = models.JSONField(_("changes of the plan"), default=dict, blank=True)
    restart = models.JSONField(_("timers begun anew"), default=list, blank=True)
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    created_at = models.DateTimeField(_("begun"), default=ports.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("migration")
        verbose_name_plural = _("migrations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(state="running"), name="one_migration_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class MigratedInstance(models.Model):
    """What became of one instance. `before` is what its rows held, enough to put it back."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be moved")
        MOVED = "moved", _("moved")
        REFUSED = "refused", _("stayed where it was")
        ENDED = "ended", _("had ended before its turn")
        BACK = "back", _("taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    migration = models.ForeignKey(Migration, models.CASCADE, related_name="instances", verbose_name=_("migration"))
    instance = models.ForeignKey(
        "process_runtime.ProcessInstance", models.CASCADE, related_name="migrations", verbose_name=_("process instance")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    problems = models.JSONField(_("why not"), default=list, blank=True)
    before = models.JSONField(_("as it was"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    at = models.DateTimeField(_("at"), null=True, blank=True)

    class Meta:
        verbose_name = _("migrated instance")
        verbose_name_plural = _("migrated instances")
        constraints = [
            models.UniqueConstraint(fields=["migration", "instance"], name="an_instance_once_in_a_migration"),
        ]
        indexes = [models.Index(fields=["migration", "state"], name="migrated_by_state")]

    def __str__(self) -> str:
        return f"{self.instance_id}: {self.get_state_display()}"

"""Rehearsals and runs of process tests as rows of the real database; what happens in one lies in its own file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports


class Rehearsal(models.Model):
    """One rehearsal of a version: with what it began, where its clock stands, and every step that was done.

    `steps` is enough to do all of it again, so the file can be made anew where it is missing. `practice` marks one of
    somebody who learns the process rather than changes it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        ENDED = "ended", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        "process_catalog.ProcessVersion", models.CASCADE, related_name="rehearsals", verbose_name=_("version")
    )
    content_hash = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("rehearsed by"))
    practice = models.BooleanField(_("practice"), default=False)
    begun_at = models.DateTimeField(_("begun"), default=ports.now)
    began = models.DateTimeField(_("moment it begins at"))
    clock = models.DateTimeField(_("clock"))
    record = models.JSONField(_("values of the record"), default=dict, blank=True)
    data = models.JSONField(_("start values"), default=dict, blank=True)
    instance = models.UUIDField(null=True, editable=False)
    steps = models.JSONField(_("steps"), default=list, blank=True)
    mails = models.JSONField(_("mails"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")
        ordering = ["-begun_at"]
        indexes = [models.Index(fields=["by", "-begun_at"], name="rehearsal_of_person")]

    def __str__(self) -> str:
        return f"{self.version} {self.began:%Y-%m-%d %H:%M}"


class ProcessTestRun(models.Model):
    """How a process test came out for a content: `content_hash` covers drawing, forms, decisions, called processes and
    the test itself, so a result holds as long as none of them changes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        "process_catalog.ProcessVersion", models.CASCADE, related_name="test_runs", verbose_name=_("version")
    )
    content_hash = models.CharField(max_length=64)
    name = models.CharField(_("name"), max_length=200)
    passed = models.BooleanField(_("passed"))
    sentence = models.JSONField(_("what happened"), default=dict, blank=True)
    element = models.CharField(_("where"), max_length=300, blank=True)
    at = models.DateTimeField(_("run at"), default=ports.now)

    class Meta:
        verbose_name = _("run of a process test")
        verbose_name_plural = _("runs of process tests")
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["version", "content_hash"], name="process_test_run_once")]

    def __str__(self) -> str:
        return f"{self.version}: {self.name}"

"""Rows of people's dealings with work: comments, followed instances, saved views of the inbox."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports


class TaskComment(models.Model):
    """What somebody said about a task; those mentioned in it were told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(
        "process_runtime.Task", models.CASCADE, related_name="comments", verbose_name=_("Task")
    )
    instance = models.ForeignKey(
        "process_runtime.ProcessInstance",
        models.CASCADE,
        related_name="comments",
        verbose_name=_("Process instance"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Author")
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("In the stead of"),
    )  # fmt: skip
    text = models.TextField(_("Comment"))
    mentioned = models.JSONField(_("People mentioned"), default=list, blank=True)
    at = models.DateTimeField(_("When"), default=ports.now)

    class Meta:
        verbose_name = _("Comment")
        verbose_name_plural = _("Comments")
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else self.text[:59] + "…"


class InstanceFollower(models.Model):
    """A person who wants to see how an instance goes on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    instance = models.ForeignKey(
        "process_runtime.ProcessInstance",
        models.CASCADE,
        related_name="followers",
        verbose_name=_("Process instance"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Follower")
    )
    since = models.DateTimeField(_("Since"), default=ports.now)

    class Meta:
        verbose_name = _("Follower")
        verbose_name_plural = _("Followers")
        constraints = [models.UniqueConstraint(fields=["instance", "user"], name="follower_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.instance}"


class SavedView(models.Model):
    """A named set of inbox filters of one person; `filters` are the keyword arguments of `work_for`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("Owner")
    )
    name = models.CharField(_("Name"), max_length=100)
    filters = models.JSONField(_("Filters"), default=dict)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)

    class Meta:
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class TaskPassed(models.Model):
    """That a task went from one person to another: given, handed on, handed over or handed back, by whom and why."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("Given")
        DELEGATED = "delegated", _("Handed on")
        HANDED_OVER = "handed_over", _("Handed over")
        HANDED_BACK = "handed_back", _("Handed back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey("process_runtime.Task", models.CASCADE, related_name="passed", verbose_name=_("Task"))
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("By")
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("In the stead of"),
    )  # fmt: skip
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("From"),
    )  # fmt: skip
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("To")
    )
    note = models.TextField(_("Note"), blank=True)
    at = models.DateTimeField(_("When"), default=ports.now)

    class Meta:
        verbose_name = _("Handing on of a task")
        verbose_name_plural = _("Handings on of tasks")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.giver or '–'} → {self.to}"


class HandingOver(models.Model):
    """Many tasks of one person that go to others, each by itself: what was asked for, and what came of each.

    `results` has one entry per task looked at: its id, its name, who has it now (an id), or why it stayed.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By")
    )
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("From")
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("To"), help_text=_("Nobody: spread over the team by load"),
    )  # fmt: skip
    note = models.TextField(_("Note"), blank=True)
    tasks = models.JSONField(_("Tasks"), default=list)
    results = models.JSONField(_("What came of it"), default=list)
    state = models.CharField(_("State"), max_length=20, choices=State.choices, default=State.RUNNING)
    created = models.DateTimeField(_("Asked for"), default=ports.now)
    finished = models.DateTimeField(_("Finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("Handing over")
        verbose_name_plural = _("Handings over")
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.giver}: {len(self.results)}/{len(self.tasks)}"

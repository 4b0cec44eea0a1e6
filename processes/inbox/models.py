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

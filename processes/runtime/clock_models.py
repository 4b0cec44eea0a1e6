"""What a clock keeps: the moments of a limit on the row that it belongs to, and rows that tell what happened to it.

A step and a whole instance have the same clock (`Clocked`). While it stands still nothing is due: `due_at` is empty, so
that no list, figure or condition takes the row for late, and what is left of the limit is kept in `clock`.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports

CLOCK = ("due_at", "limit_started_at", "warn_at", "clock_at", "paused_at", "clock")
"""The fields of a clock."""


_Untyped: Any = models.Model  # as Viewflow's bases, beside which it stands


class Clocked(_Untyped):
    """A row with a limit. `clock_at` is when the dispatcher must look at the clock: a rung of the ladder, or the end of a
    pause. `clock` holds, once a limit has begun:

    working: whether working time counts; whole: the limit, in microseconds of that time; last: the highest rung that was
    done, in per cent; and while it stands still: left (microseconds until due, less than 0 when it was late), reason,
    labels (of the reason), note, by, until, awaits.
    """

    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    limit_started_at = models.DateTimeField(_("Limit runs since"), null=True, blank=True)
    warn_at = models.DateTimeField(_("Warn at"), null=True, blank=True)
    clock_at = models.DateTimeField(_("Next look at the clock"), null=True, blank=True)
    paused_at = models.DateTimeField(_("Stands still since"), null=True, blank=True)
    clock = models.JSONField(_("Clock"), null=True, blank=True)

    class Meta:
        abstract = True


class ClockEvent(models.Model):
    """What happened to a clock. Rows are added and never changed.

    `due_at` is when the limit is due after it, None while it stands still. A rung has its `share`; `data` tells what it
    did: told (ids of people), priority (before and after), role, or error. `awaits` is the message that ends a pause, with
    the record it must be about. `once` keeps a rung from being done a second time.
    """

    class Kind(models.TextChoices):
        BEGUN = "begun", _("Begun")
        PAUSED = "paused", _("Stopped")
        RESUMED = "resumed", _("Runs again")
        RUNG = "rung", _("Part of the limit passed")
        FAILED = "failed", _("A rung could not be done")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    instance = models.ForeignKey(
        "process_runtime.ProcessInstance", models.CASCADE, related_name="clock_events", verbose_name=_("Process instance")
    )
    task = models.ForeignKey(
        "process_runtime.Task", models.CASCADE, null=True, blank=True, related_name="clock_events", db_index=False,
        verbose_name=_("Step"),
    )  # fmt: skip
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    at = models.DateTimeField(_("When"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("By"),
    )  # fmt: skip
    reason = models.CharField(_("Reason"), max_length=60, blank=True)
    labels = models.JSONField(_("Reason in words"), default=dict, blank=True)
    note = models.TextField(_("Note"), blank=True)
    until = models.DateTimeField(_("Until"), null=True, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True, blank=True)
    share = models.PositiveIntegerField(_("Per cent of the limit"), null=True, blank=True)
    data = models.JSONField(_("What was done"), default=dict, blank=True)
    awaits = models.CharField(_("Waits for"), max_length=300, blank=True)
    once = models.CharField(_("Once"), max_length=120, null=True, blank=True)

    class Meta:
        verbose_name = _("Event of a clock")
        verbose_name_plural = _("Events of clocks")
        indexes = [models.Index(fields=["awaits"], name="clock_awaits", condition=~Q(awaits=""))]
        constraints = [models.UniqueConstraint(fields=["once"], name="clock_rung_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.share or ''}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; one that is there already is never changed."""
        if not self._state.adding:
            raise TypeError("What happened to a clock is written once and stays as it is.")
        super().save(*args, **kwargs)


class PauseReason(models.Model):
    """Why a clock may be stopped. `message` is the name of a message that lets it run again when it comes about the same
    record."""

    key = models.SlugField(_("Key"), max_length=60, unique=True)
    name = models.CharField(_("Name"), max_length=100)
    name_zh = models.CharField(_("Name in Chinese"), max_length=100, blank=True)
    message = models.CharField(
        _("Message that ends it"), max_length=200, blank=True,
        help_text=_("A message with this name about the same record lets the clock run again."),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("Place in the list"), default=0)
    active = models.BooleanField(_("On offer"), default=True)

    class Meta:
        verbose_name = _("Reason to stop a clock")
        verbose_name_plural = _("Reasons to stop a clock")
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return ports.text(self.labels)

    @property
    def labels(self) -> dict[str, str]:
        """Its name by language."""
        return {"en": self.name, "zh-hans": self.name_zh or self.name}


class HouseRung(models.Model):
    """A rung of the ladder of the house: for limits whose drawing has no ladder. As `processes.bpmn.extensions.Rung`."""

    share = models.PositiveSmallIntegerField(_("Per cent of the limit"), unique=True)
    notify = models.CharField(
        _("Tell"), max_length=200, blank=True,
        help_text=_("Whom to tell, with commas: assignee, lead, owner, or the key of a role."),
    )  # fmt: skip
    priority = models.CharField(
        _("Priority"), max_length=4, blank=True, help_text=_("A number from 0 to 100, or a step such as +20.")
    )

    class Meta:
        verbose_name = _("Rung of the house’s ladder")
        verbose_name_plural = _("Rungs of the house’s ladder")
        ordering = ["share"]

    def __str__(self) -> str:
        return f"{self.share} %"

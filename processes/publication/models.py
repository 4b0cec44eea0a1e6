"""The record of a change to a process: what is wrong today, what shall become better, who agreed, what was published.

A change is what the process “process_change” is about. What was done with it stands in its happenings, which are only
ever added. Publications from the command line and from folders have their record too, without a review.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from processes import ports
from processes.catalog.models import Pilot, ProcessDefinition, ProcessVersion

PARTS = ("diagnosis", "owner", "measures", "customer_view", "training")
"""What is recorded before a process is published, or waived with a reason (E4)."""


class ProcessChange(models.Model):
    """A draft on its way to be published, with everything that is said of it."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("Being prepared")
        SUBMITTED = "submitted", _("Submitted")
        SENT_BACK = "sent_back", _("Sent back")
        APPROVED = "approved", _("Approved")
        PILOTED = "piloted", _("Piloted")
        PUBLISHED = "published", _("Published")
        REFUSED = "refused", _("Turned down")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Way(models.TextChoices):
        NOW = "now", _("As soon as it is approved")
        AT = "at", _("At a set time")
        PILOT = "pilot", _("For a part first")

    class Means(models.TextChoices):
        REVIEW = "review", _("after a review")
        DIRECT = "direct", _("directly, there being nobody else to review it")
        PROGRAM = "program", _("by the command line or from a folder")

    definition = models.ForeignKey(
        ProcessDefinition, models.PROTECT, related_name="changes", verbose_name=_("process")
    )
    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="changes", verbose_name=_("version"))
    former = models.ForeignKey(
        ProcessVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("version before")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="process_changes", verbose_name=_("author")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    diagnosis = models.TextField(_("diagnosis"), blank=True, help_text=_("What is wrong today, with figures."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    measures = models.TextField(
        _("measures"), blank=True, help_text=_("What shall become better, by how much, by when.")
    )
    customer_view = models.TextField(
        _("customer’s view"), blank=True, help_text=_("What the customer notices, and what becomes better for them.")
    )
    training = models.TextField(_("training"), blank=True, help_text=_("Who has to learn what before it begins."))
    waived = models.JSONField(_("left out, with the reason"), default=dict, blank=True)
    findings_waived = models.JSONField(_("findings let pass, with the reason"), default=dict, blank=True)
    customers_notice = models.BooleanField(_("customers notice it"), default=False)
    way = models.CharField(_("when"), max_length=10, choices=Way.choices, default=Way.NOW)
    at = models.DateTimeField(_("moment"), null=True, blank=True)
    rule = models.TextField(_("rule"), blank=True)
    choices = models.JSONField(_("only these"), default=dict, blank=True)
    share = models.PositiveSmallIntegerField(_("share in per cent"), default=100)
    pilot_until = models.DateTimeField(_("pilot until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PREPARED)
    means = models.CharField(_("how it was published"), max_length=10, choices=Means.choices, default=Means.REVIEW)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    round = models.PositiveSmallIntegerField(_("round of review"), default=0)
    decisions = models.JSONField(_("decisions published with it"), default=list, blank=True)
    written = models.JSONField(_("who wrote what"), default=dict, blank=True, editable=False)
    pilot = models.ForeignKey(
        Pilot, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name=_("pilot")
    )
    created_at = models.DateTimeField(_("created at"), default=ports.now)
    submitted_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of a process")
        verbose_name_plural = _("changes of processes")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], name="process_change_open_once",
                condition=models.Q(state__in=["prepared", "submitted", "sent_back", "approved", "piloted"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title or str(self.version)

    @property
    def number(self) -> str:
        """How people name it."""
        return f"C-{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its content may still be written: prepared, or sent back."""
        return self.state in (self.State.PREPARED, self.State.SENT_BACK)

    @property
    def missing(self) -> list[str]:
        """The parts that are neither recorded nor waived with a reason."""
        return [p for p in PARTS if not _said(getattr(self, "owner_id" if p == "owner" else p)) and not self.waived.get(p)]


def _said(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


class DraftUpdate(models.Model):
    """A draft was brought up to date with what others had published.

    `steps` say of each version that was changed (the draft, and drafts of decisions) from which version it was drawn
    before, and which revision of each part came of it: the one before that is what the draft was.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(ProcessVersion, models.CASCADE, related_name="updates", verbose_name=_("version"))
    steps = models.JSONField(_("what was changed"), default=list)
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    undone_at = models.DateTimeField(_("put back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("draft brought up to date")
        verbose_name_plural = _("drafts brought up to date")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.version} {self.at:%Y-%m-%d %H:%M}"


class Happening(models.Model):
    """One thing that was done with a change: who, when, what, why. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(ProcessChange, models.PROTECT, related_name="happenings", verbose_name=_("process change"))
    what = models.CharField(_("what was done"), max_length=20)
    round = models.PositiveSmallIntegerField(_("round of review"), default=0)
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("what was done with a change")
        verbose_name_plural = _("what was done with changes")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.change_id} {self.what}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; what was added stays as it is."""
        if not self._state.adding:
            raise TypeError("What was done with a change is added, never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("What was done with a change is never deleted.")

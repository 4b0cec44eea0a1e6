"""One row per contact with a customer, planned or done; files that belong to records."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record
from processes import ports


class Activity(Record):
    """A call, meeting, visit, mail, message, letter, fax or note.

    `at` is the moment it takes on the timeline: when it was done, else when it is planned,
    else when it was written down. `promise_until` marks something promised to the customer;
    it stands on top of the timeline until `promise_kept_at` is set. `regarding_*` names the
    record it is about, as a subject.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MEETING = "meeting", _("meeting")
        VISIT = "visit", _("visit")
        EMAIL = "email", _("e-mail")
        MESSAGE = "message", _("message")
        LETTER = "letter", _("letter")
        FAX = "fax", _("fax")
        NOTE = "note", _("note")
        TASK = "task", _("to do")

    class Direction(models.TextChoices):
        IN = "in", _("from the customer")
        OUT = "out", _("to the customer")
        INTERNAL = "internal", _("internal")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    direction = models.CharField(
        _("direction"), max_length=10, choices=Direction.choices, default=Direction.OUT
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DONE)
    account = models.ForeignKey(
        "crm_parties.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("contact"),
    )
    regarding_type = models.CharField(_("about"), max_length=40, blank=True)
    regarding_id = models.BigIntegerField(null=True, blank=True)
    subject_line = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"), blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), default=ports.now)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    promise_until = models.DateTimeField(_("promised until"), null=True, blank=True)
    promise_kept_at = models.DateTimeField(_("promise kept"), null=True, blank=True)
    private = models.BooleanField(_("only for its owner and managers"), default=False)
    instance_id = models.CharField(max_length=40, blank=True, editable=False)
    task_id = models.CharField(max_length=40, blank=True, editable=False)
    key = models.CharField(max_length=150, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="activity_timeline"),
            models.Index(fields=["owner", "state", "due_at"], name="activity_plan"),
            models.Index(fields=["regarding_type", "regarding_id"], name="activity_regarding"),
            models.Index(
                fields=["account", "promise_until"],
                condition=Q(promise_until__isnull=False, promise_kept_at__isnull=True),
                name="activity_open_promise",
            ),
        ]

    def __str__(self) -> str:
        return self.subject_line


def attachment_path(attachment: Attachment, filename: str) -> str:
    """Files lie under a random name: what people call them stands in the row."""
    return f"attachments/{attachment.token[:2]}/{attachment.token}"


class Attachment(Record):
    """A file that belongs to a record (by subject type and id)."""

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    account = models.ForeignKey(
        "crm_parties.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("account"),
    )
    token = models.CharField(max_length=40, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to=attachment_path)
    name = models.CharField(_("name"), max_length=200)
    media_type = models.CharField(_("type"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="attachment_of_subject")]

    def __str__(self) -> str:
        return self.name

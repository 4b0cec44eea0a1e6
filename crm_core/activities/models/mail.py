"""Mail waits in an outbox that is written in the caller's transaction and can be looked at."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.kernel.records import Record
from processes import ports


class Template(Record):
    """A text for mails, messages, letters, faxes and envelopes, in both languages.

    Texts are dicts of languages; `{{ name }}` pieces are filled from the context given, and
    nothing else can be reached from them.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        MESSAGE = "message", _("message")
        LETTER = "letter", _("letter")
        FAX = "fax", _("fax")
        ENVELOPE = "envelope", _("envelope")

    key = models.SlugField(_("key"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.EMAIL)
    names = models.JSONField(_("names"), default=dict)
    subjects = models.JSONField(_("subject lines"), default=dict, blank=True)
    bodies = models.JSONField(_("texts"), default=dict, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["key"]

    def __str__(self) -> str:
        return ports.text(self.names) or self.key


class MailOutbox(Record):
    """One mail to one address. `key` makes writing it idempotent; a job delivers it.

    `to_key` is the address as the suppression list has it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENT = "sent", _("sent")
        SUPPRESSED = "suppressed", _("not sent: suppressed")
        FAILED = "failed", _("failed")

    key = models.CharField(max_length=150, unique=True, editable=False)
    to = models.EmailField(pgettext_lazy("mail", "to"), max_length=300)
    to_key = models.CharField(max_length=300, editable=False, db_index=True)
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("contact"),
    )
    account = models.ForeignKey(
        "crm_parties.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("account"),
    )
    regarding_type = models.CharField(_("about"), max_length=40, blank=True)
    regarding_id = models.BigIntegerField(null=True, blank=True)
    template = models.ForeignKey(
        Template, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("template")
    )
    subject_line = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=10, default="en")
    purpose = models.CharField(_("purpose"), max_length=20)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField(_("written"), default=ports.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    instance_id = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-queued_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "queued_at"], name="mail_by_state"),
            models.Index(fields=["account", "-queued_at"], name="mail_timeline"),
            models.Index(fields=["regarding_type", "regarding_id"], name="mail_regarding"),
        ]

    def __str__(self) -> str:
        return self.subject_line

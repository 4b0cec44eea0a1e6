"""What people allow us to send them, and whom nothing may be sent to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Stamped
from crm_core.parties.models.contacts import Contact
from processes import ports


class Channel(models.TextChoices):
    """Ways in which somebody is approached."""

    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("telephone")
    MESSAGE = "message", _("message")
    WECHAT = "wechat", _("WeChat")
    LETTER = "letter", _("letter")
    FAX = "fax", _("fax")


class Purpose(models.TextChoices):
    """What somebody is approached for. Service and transactional mail needs no consent."""

    MARKETING = "marketing", _("marketing")
    SURVEY = "survey", _("survey")
    SERVICE = "service", _("service")
    TRANSACTIONAL = "transactional", _("transaction")


class Consent(Stamped):
    """That a person gave or withdrew consent for a channel and purpose; the newest row counts."""

    class State(models.TextChoices):
        GIVEN = "given", _("given")
        WITHDRAWN = "withdrawn", _("withdrawn")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="consents", verbose_name=_("contact"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    at = models.DateTimeField(_("at"), default=ports.now)
    source = models.CharField(_("source"), max_length=100, blank=True)
    wording = models.CharField(_("wording"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["contact", "channel", "purpose", "-at"], name="consent_of_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.channel}/{self.purpose}: {self.state}"


class Suppression(models.Model):
    """An address nothing may be sent to; without a purpose it holds for all but service and transaction.

    `address` is the normalised form, so that it also holds for people we do not know yet.
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")
        LEGAL = "legal", _("legal")
        MANUAL = "manual", _("by hand")

    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = models.CharField(_("address"), max_length=300)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("contact"),
    )
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(fields=["channel", "address", "purpose"], name="suppression_once"),
            models.CheckConstraint(condition=~Q(address=""), name="suppression_has_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.reason}"

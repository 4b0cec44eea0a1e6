"""Mailings: what was sent to whom, in which batch, and what came back (B19, B21)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from processes import ports


class Mailing(models.Model):
    """One mail of a campaign to its members, sent in batches."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    campaign = models.OneToOneField(
        "crm_marketing.Campaign", models.CASCADE, related_name="mailing", verbose_name=_("campaign")
    )
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(_("created at"), default=ports.now)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.campaign)


class MailingBatch(models.Model):
    """A part of a mailing that was handed over at once; `key` keeps it from going twice."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="batches", verbose_name=_("mailing"))
    number = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("at"), default=ports.now)
    sent = models.PositiveIntegerField(_("sent"), default=0)
    skipped = models.PositiveIntegerField(_("left out"), default=0)
    key = models.CharField(_("idempotency key"), max_length=200, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["mailing", "number"]
        constraints = [
            models.UniqueConstraint(fields=["mailing", "number"], name="marketing_batch_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.mailing} #{self.number}"


class MailingRecipient(models.Model):
    """One mail to one address. An address stands once in a mailing, so nobody gets it twice."""

    class State(models.TextChoices):
        SENT = "sent", _("sent")
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="recipients", verbose_name=_("mailing"))
    batch = models.ForeignKey(
        MailingBatch, models.CASCADE, related_name="recipients", verbose_name=_("batch")
    )
    member = models.ForeignKey(
        "crm_marketing.CampaignMember", models.CASCADE, related_name="mails", verbose_name=_("member")
    )
    address = models.CharField(_("address"), max_length=254)
    mail = models.ForeignKey(
        "crm_activities.MailOutbox",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("mail"),
    )
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.SENT)
    at = models.DateTimeField(_("at"), default=ports.now)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["mailing", "address"], name="marketing_address_once")]

    def __str__(self) -> str:
        return self.address

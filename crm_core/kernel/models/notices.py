"""Notices that wait for a person inside the page, and go out by mail where the person wants that."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from processes import ports


class Notice(models.Model):
    """One sentence for one person, with a way to the matter. `key` makes sending idempotent."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=40)
    text = models.CharField(_("text"), max_length=500)
    url = models.CharField(_("address"), max_length=300, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    task_id = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(_("at"), default=ports.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_at = models.DateTimeField(_("by mail from"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], condition=~Q(key=""), name="notice_once_per_key")
        ]
        indexes = [
            models.Index(fields=["user", "read_at", "-at"], name="notice_of_user"),
            models.Index(fields=["user", "-at", "-id"], name="notice_by_time"),
            models.Index(fields=["user", "mail_at"], condition=Q(mail_at__isnull=False, mailed_at=None), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return self.text

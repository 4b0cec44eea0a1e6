"""Who got which work, and why: the ledger that makes assignment provably fair."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from processes import ports
from processes.spoken import told


class AssignmentPool(models.Model):
    """A group of people who take turns. Its row is the lock while a turn is decided."""

    key = models.CharField(_("key"), max_length=200, unique=True)
    turn = models.PositiveBigIntegerField(_("turn"), default=0)
    virtual_time = models.PositiveBigIntegerField(_("virtual time"), default=0)

    class Meta:
        verbose_name = _("assignment pool")
        verbose_name_plural = _("assignment pools")

    def __str__(self) -> str:
        return self.key


class AssignmentTurn(models.Model):
    """One person's place in a pool: the last turn taken, how many, and the weighted pass."""

    pool = models.ForeignKey(AssignmentPool, models.CASCADE, related_name="turns", verbose_name=_("pool"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    last_turn = models.PositiveBigIntegerField(_("last turn"), default=0)
    count = models.PositiveBigIntegerField(_("times chosen"), default=0)
    passed = models.PositiveBigIntegerField(_("weighted pass"), default=0)

    class Meta:
        verbose_name = _("place in a pool")
        verbose_name_plural = _("places in pools")
        constraints = [models.UniqueConstraint(fields=["pool", "user"], name="sales_turn_once_per_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.count}"


class AssignmentLedger(models.Model):
    """One decision about who gets a piece of work; never changed, so that it can be replayed."""

    at = models.DateTimeField(_("at"), default=ports.now)
    subject_type = models.CharField(_("about"), max_length=50)
    subject_id = models.BigIntegerField(_("record"), null=True, blank=True)
    pool = models.ForeignKey(
        AssignmentPool,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("pool"),
    )
    method = models.CharField(_("method"), max_length=30)
    rule = models.JSONField(
        _("rule"), default=dict, help_text=_("Role, scope, skill, language and exclusions asked for.")
    )
    candidates = models.JSONField(_("candidates"), default=list)
    skipped = models.JSONField(_("left out, and why"), default=list)
    chosen = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("chosen"),
    )
    reason = models.CharField(_("reason"), max_length=300)
    said = models.JSONField(default=dict, blank=True, help_text=_("How the reason was made, to tell it in any language."))
    why = models.CharField(
        _("nobody because"), max_length=20, blank=True, help_text=_("Code of the reason why nobody was found.")
    )
    until = models.DateTimeField(
        _("to be asked again"), null=True, blank=True, help_text=_("When somebody will be there again.")
    )
    tie_break = models.CharField(_("tie broken by"), max_length=30, blank=True)
    seed = models.CharField(_("seed"), max_length=200, blank=True)
    turn = models.PositiveBigIntegerField(
        _("turns before"), default=0, help_text=_("How many turns the pool had taken.")
    )
    virtual_time = models.PositiveBigIntegerField(_("virtual time before"), default=0)
    decisions = models.JSONField(
        _("versions of the tables"), default=dict, blank=True,
        help_text=_("Version of each decision table that had answered in the process, by its key."),
    )  # fmt: skip
    instance_id = models.UUIDField(_("process instance"), null=True, blank=True)
    key = models.CharField(_("idempotency key"), max_length=200, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="sales_ledger_subject"),
            models.Index(fields=["chosen", "at"], name="sales_ledger_chosen"),
            models.Index(fields=["at"], name="sales_ledger_at"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} → {self.chosen or '–'}"

    def reason_told(self) -> str:
        """The reason in the language in use."""
        return told({"sentence": self.reason, "said": self.said})

"""What a customer gets to make up for a failure."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record


class Compensation(Record):
    """Money or goods given for a case; `amount` in `currency` is what it costs us."""

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund")
        CREDIT = "credit", _("credit note")
        DISCOUNT = "discount", _("discount")
        REPLACEMENT = "replacement", _("replacement")
        REPAIR = "repair", _("repair")
        GOODWILL = "goodwill", _("goodwill")
        VOUCHER = "voucher", _("voucher")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        PAID = "paid", _("given")

    case = models.ForeignKey(
        "crm_service.Case", models.PROTECT, related_name="compensations", verbose_name=_("case")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.GOODWILL)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.PROPOSED)
    key = models.CharField(_("idempotency key"), max_length=200, null=True, blank=True, unique=True)
    remarks = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("compensation")
        verbose_name_plural = _("compensations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="service_compensation_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

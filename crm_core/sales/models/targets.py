"""What people, teams and branches are to sell in a period."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record


class SalesTarget(Record):
    """An amount to be won in a period by a person, team or branch, of a product or of all."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sales_targets",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        "crm_kernel.Team",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sales_targets",
        verbose_name=_("team"),
    )
    product = models.ForeignKey(
        "crm_sales.Product",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), help_text=_("The last day that counts."))
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")

    class Meta:
        verbose_name = _("sales target")
        verbose_name_plural = _("sales targets")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="sales_target_period_in_order"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="sales_target_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.team or self.branch or ''} {self.starts_on} – {self.ends_on}".strip()

"""What a customer may expect of service: the level, and for how long."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record


class ServiceLevel(Record):
    """Promised times; durations are ISO 8601 in working time ('PT4H', 'P2D')."""

    class Tier(models.TextChoices):
        STANDARD = "standard", _("standard")
        PREMIUM = "premium", _("premium")

    key = models.SlugField(_("key"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=200)
    tier = models.CharField(_("tier"), max_length=20, choices=Tier.choices, default=Tier.STANDARD)
    acknowledge_within = models.CharField(_("acknowledge within"), max_length=20, default="P1D")
    answer_within = models.CharField(_("answer within"), max_length=20, default="P10D")

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Entitlement(Record):
    """An account's right to a service level in a period, for one product or all."""

    account = models.ForeignKey(
        "crm_parties.Account", models.CASCADE, related_name="entitlements", verbose_name=_("account")
    )
    level = models.ForeignKey(
        ServiceLevel, models.PROTECT, related_name="entitlements", verbose_name=_("service level")
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
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The last day; empty means no end.")
    )

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        ordering = ["account", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="service_entitlement_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.level}"

"""Quotes: what we offer, at which price, delivery and credit terms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Numbered, Record


class QuoteStatus(models.TextChoices):
    """Where a quote stands. A blocked quote waits for the decision about its terms (D2)."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    BLOCKED = "blocked", _("blocked until the terms are decided")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted")


class Quote(Numbered, Record):
    """An offer to a customer.

    Totals, discount and margin are computed from the lines when the quote is submitted, never
    typed. `content_version` rises with every change of lines or terms; an approval holds for
    the version it was given for.
    """

    NUMBER_PREFIX = "Q"

    opportunity = models.ForeignKey(
        "crm_sales.Opportunity", models.CASCADE, related_name="quotes", verbose_name=_("opportunity")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=QuoteStatus.choices, default=QuoteStatus.DRAFT
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    list_total = models.DecimalField(_("at list price"), max_digits=16, decimal_places=2, default=0)
    total = models.DecimalField(_("total"), max_digits=16, decimal_places=2, default=0)
    cost_total = models.DecimalField(_("cost"), max_digits=16, decimal_places=2, default=0)
    discount_percent = models.DecimalField(_("discount %"), max_digits=6, decimal_places=2, default=0)
    margin_percent = models.DecimalField(_("margin %"), max_digits=7, decimal_places=2, default=0)
    delivery_days = models.PositiveIntegerField(_("delivery days"), default=30)
    standard_delivery_days = models.PositiveIntegerField(_("usual delivery days"), default=30)
    credit_days = models.PositiveIntegerField(_("credit days"), default=0)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reason = models.TextField(_("reason for the terms"), blank=True)
    content_version = models.PositiveIntegerField(_("version"), default=1)
    approved_version = models.PositiveIntegerField(_("approved version"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_terms = models.JSONField(_("terms as decided"), default=dict, blank=True)

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number or str(_("new quote"))


class QuoteLine(models.Model):
    """One product on a quote, with its list price and cost at that moment."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines", verbose_name=_("quote"))
    product = models.ForeignKey(
        "crm_sales.Product", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3, default=1)
    list_price = models.DecimalField(_("list price"), max_digits=16, decimal_places=2)
    unit_cost = models.DecimalField(_("unit cost"), max_digits=16, decimal_places=2, default=0)
    discount_percent = models.DecimalField(_("discount %"), max_digits=6, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_quote_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100),
                name="sales_quote_line_discount_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.product}"

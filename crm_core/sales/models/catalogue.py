"""What is sold, for how much, through which channels, and against whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record


class Product(Record):
    """Something that can be sold. Prices are per unit, in the currency beside them."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    family = models.CharField(_("family"), max_length=100, blank=True)
    group = models.CharField(
        _("group"),
        max_length=20,
        blank=True,
        help_text=_("equipment, software, service, consumables or other: what routing goes by."),
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    list_price = models.DecimalField(_("list price"), max_digits=16, decimal_places=2, default=0)
    cost = models.DecimalField(_("cost"), max_digits=16, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    delivery_days = models.PositiveIntegerField(_("usual delivery days"), default=30)
    is_active = models.BooleanField(_("sold at present"), default=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(list_price__gte=0, cost__gte=0), name="sales_product_price_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PriceBook(Record):
    """Prices that hold for some customers, for some time."""

    name = models.CharField(_("name"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_default = models.BooleanField(_("used when no other fits"), default=False)

    class Meta:
        verbose_name = _("price book")
        verbose_name_plural = _("price books")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PriceBookEntry(models.Model):
    """The price of one product in a price book, from a quantity on."""

    price_book = models.ForeignKey(
        PriceBook, models.CASCADE, related_name="entries", verbose_name=_("price book")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="prices", verbose_name=_("product"))
    from_quantity = models.DecimalField(_("from quantity"), max_digits=14, decimal_places=3, default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["price_book", "product", "from_quantity"]
        constraints = [
            models.UniqueConstraint(
                fields=["price_book", "product", "from_quantity"], name="sales_price_once_per_quantity"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.unit_price}"


class Competitor(Record):
    """A company that we meet at customers, with what to answer when its name falls (B8)."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    website = models.URLField(_("website"), blank=True)
    strengths = models.TextField(_("strengths"), blank=True)
    weaknesses = models.TextField(_("weaknesses"), blank=True)
    counter_arguments = models.TextField(_("counter-arguments"), blank=True)
    is_active = models.BooleanField(_("met at present"), default=True)

    class Meta:
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CompetitorProduct(models.Model):
    """A competitor's product, and ours that it competes with."""

    competitor = models.ForeignKey(
        Competitor, models.CASCADE, related_name="products", verbose_name=_("competitor")
    )
    name = models.CharField(_("name"), max_length=200)
    against = models.ForeignKey(
        Product,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="rivals",
        verbose_name=_("competes with"),
    )
    price = models.DecimalField(_("price"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    remarks = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("competitor's product")
        verbose_name_plural = _("competitors' products")
        ordering = ["competitor", "name"]

    def __str__(self) -> str:
        return self.name


class SalesChannel(Record):
    """A way to reach customers, with what a contact over it costs and brings (C8)."""

    class Kind(models.TextChoices):
        FIELD = "field", _("field sales")
        INSIDE = "inside", _("inside sales")
        WEB = "web", _("web shop")
        PARTNER = "partner", _("partner")
        DISTRIBUTOR = "distributor", _("distributor")
        SHOP = "shop", _("shop")

    key = models.SlugField(_("key"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    cost_per_contact = models.DecimalField(_("cost per contact"), max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    conversion = models.DecimalField(
        _("conversion"),
        max_digits=5,
        decimal_places=4,
        default=0,
        help_text=_("Share of contacts that buy, 0 to 1."),
    )
    capacity = models.PositiveIntegerField(
        _("capacity"), null=True, blank=True, help_text=_("Contacts a month; empty means no limit.")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("sales channel")
        verbose_name_plural = _("sales channels")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(conversion__gte=0, conversion__lte=1), name="sales_channel_conversion_is_share"
            )
        ]

    def __str__(self) -> str:
        return self.name

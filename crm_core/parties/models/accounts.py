"""The account: the centre of the CRM (B2), with exactly one account manager (B17)."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm_core.kernel.records import Record, Stamped


class Account(Record):
    """A company, merchant, consumer, partner or supplier.

    `manager` is the account manager: the column is not nullable, so there is exactly one,
    whichever way the row is written. It takes the place of a record's owner. Revenue is per
    year, in `currency`. The search and match columns are filled by the services.
    """

    class Kind(models.TextChoices):
        COMPANY = "company", _("company")
        MERCHANT = "merchant", _("merchant")
        CONSUMER = "consumer", _("consumer")
        PARTNER = "partner", _("partner")
        SUPPLIER = "supplier", _("supplier")

    class Grade(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"
        D = "D", "D"

    class Risk(models.TextChoices):
        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    class Status(models.TextChoices):
        PROSPECT = "prospect", _("prospect")
        CUSTOMER = "customer", _("customer")
        FORMER = "former", _("former customer")

    owner = None
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("account manager")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.COMPANY)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.PROSPECT)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subsidiaries", verbose_name=_("part of")
    )
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    founded = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    revenue = models.DecimalField(
        _("yearly revenue"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    website = models.URLField(_("web site"), blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    grade = models.CharField(_("class"), max_length=1, choices=Grade.choices, default=Grade.C)
    risk = models.CharField(_("risk"), max_length=10, choices=Risk.choices, default=Risk.LOW)
    lifetime_value = models.DecimalField(
        _("lifetime value"), max_digits=18, decimal_places=2, default=Decimal(0)
    )
    source_key = models.CharField(_("key in the source"), max_length=120, blank=True, db_index=True)
    notes = models.TextField(_("notes"), blank=True)
    match_key = models.CharField(max_length=220, blank=True, editable=False, db_index=True)
    match_key_zh = models.CharField(max_length=220, blank=True, editable=False, db_index=True)
    search_text = models.CharField(max_length=1200, blank=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(revenue__isnull=True) | Q(revenue__gte=0), name="account_revenue_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["manager", "name"], name="account_by_manager"),
            models.Index(fields=["branch", "name"], name="account_by_branch"),
        ]

    def __str__(self) -> str:
        if (get_language() or "en").startswith("zh"):
            return self.name_zh or self.name
        return self.name


class AccountTeamMember(Stamped):
    """Somebody besides the manager who works for an account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="team", verbose_name=_("account"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=60, blank=True)
    may_change = models.BooleanField(_("may change the account"), default=False)

    class Meta:
        verbose_name = _("member of an account's team")
        verbose_name_plural = _("account teams")
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="one_seat_in_account_team")]
        indexes = [models.Index(fields=["user", "account"], name="account_team_of_user")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.user_id}"


class AccountRelation(Stamped):
    """That one account has to do with another: dealer, supplier, competitor, guarantor."""

    class Kind(models.TextChoices):
        DEALER = "dealer", _("is a dealer of")
        SUPPLIER = "supplier", _("is a supplier of")
        CUSTOMER = "customer", _("is a customer of")
        COMPETITOR = "competitor", _("competes with")
        PARTNER = "partner", _("is a partner of")
        OWNER = "owner", _("owns a share of")

    account = models.ForeignKey(Account, models.CASCADE, related_name="relations", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    other = models.ForeignKey(
        Account, models.CASCADE, related_name="relations_back", verbose_name=_("other account")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("relation between accounts")
        verbose_name_plural = _("relations between accounts")
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "other"], name="account_relation_once"),
            models.CheckConstraint(condition=~Q(account=F("other")), name="account_relation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind} {self.other_id}"

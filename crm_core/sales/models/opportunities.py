"""Opportunities: business that may be won, stage by stage, with its history."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.kernel.records import Numbered, Record
from processes import ports


class Stage(models.TextChoices):
    """The stages, named after what the buyer does."""

    QUALIFY = "qualify", _("qualify")
    UNDERSTAND = "understand", _("understand needs")
    PROPOSE = "propose", _("propose")
    NEGOTIATE = "negotiate", _("negotiate")
    CLOSE = "close", _("close")
    WON = "won", _("won")
    LOST = "lost", _("lost")


OPEN_STAGES = (Stage.QUALIFY, Stage.UNDERSTAND, Stage.PROPOSE, Stage.NEGOTIATE, Stage.CLOSE)
CLOSED_STAGES = (Stage.WON, Stage.LOST)


class ForecastCategory(models.TextChoices):
    """How sure the salesperson is, apart from the stage."""

    PIPELINE = "pipeline", _("pipeline")
    BEST_CASE = "best_case", _("best case")
    COMMIT = "commit", _("commit")
    CLOSED = "closed", _("closed")
    OMITTED = "omitted", _("omitted")


class LossReason(models.TextChoices):
    """Why business was lost."""

    PRICE = "price", _("price")
    PRODUCT = "product", _("product does not fit")
    RELATIONSHIP = "relationship", _("relationship")
    TIMING = "timing", _("not now")
    NO_DECISION = "no_decision", _("no decision")
    COMPETITOR = "competitor", _("competitor was preferred")
    TERMS = "terms", _("delivery or credit terms")
    OTHER = "other", _("other")


class TechnicalFit(models.TextChoices):
    """Whether what we offer does what the customer needs."""

    UNKNOWN = "unknown", _("not known")
    YES = "yes", pgettext_lazy("technical fit", "yes")
    PARTLY = "partly", _("partly")
    NO = "no", pgettext_lazy("technical fit", "no")


class Opportunity(Numbered, Record):
    """A piece of business with a customer.

    `amount` is in `currency`. The account is empty only for imported business that somebody
    still has to match to a customer; such business counts in the totals.
    """

    NUMBER_PREFIX = "O"

    name = models.CharField(_("name"), max_length=200)
    account = models.ForeignKey(
        "crm_parties.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("contact"),
    )
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices, default=Stage.QUALIFY)
    stage_since = models.DateTimeField(_("in this stage since"), default=ports.now)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    probability = models.PositiveSmallIntegerField(
        _("probability"), default=10, help_text=_("Percent, 0 to 100.")
    )
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    forecast_category = models.CharField(
        _("forecast"), max_length=20, choices=ForecastCategory.choices, default=ForecastCategory.PIPELINE
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    push_count = models.PositiveIntegerField(_("times put off"), default=0)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_step_date = models.DateField(_("next step on"), null=True, blank=True)
    pain = models.TextField(_("pain"), blank=True)
    champion = models.CharField(_("champion"), max_length=200, blank=True)
    decision_criteria = models.TextField(_("decision criteria"), blank=True)
    decision_process = models.TextField(_("decision process"), blank=True)
    economic_buyer_met = models.BooleanField(_("economic buyer met"), default=False)
    technical_fit = models.CharField(
        _("technical fit"), max_length=10, choices=TechnicalFit.choices, default=TechnicalFit.UNKNOWN
    )
    budget_confirmed = models.BooleanField(_("budget confirmed"), default=False)
    mutual_plan_date = models.DateField(_("plan agreed with the customer on"), null=True, blank=True)
    order_reference = models.CharField(_("order reference"), max_length=100, blank=True)
    competitor = models.ForeignKey(
        "crm_sales.Competitor",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("main competitor"),
    )
    loss_reason = models.CharField(
        _("lost because of"), max_length=20, choices=LossReason.choices, blank=True
    )
    lost_to = models.ForeignKey(
        "crm_sales.Competitor",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="won_against_us",
        verbose_name=_("lost to"),
    )
    reengage_on = models.DateField(_("ask again on"), null=True, blank=True)
    reopened_count = models.PositiveIntegerField(_("times reopened"), default=0)
    campaign_key = models.CharField(_("campaign"), max_length=80, blank=True, db_index=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    sales_channel = models.ForeignKey(
        "crm_sales.SalesChannel",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        verbose_name=_("sales channel"),
    )
    external_id = models.CharField(
        _("id in the source system"), max_length=100, null=True, blank=True, unique=True
    )
    account_hint = models.CharField(
        _("customer as imported"),
        max_length=200,
        blank=True,
        help_text=_("Helps to match imported business."),
    )

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["stage", "owner"], name="sales_opp_stage_owner"),
            models.Index(fields=["branch", "stage"], name="sales_opp_branch_stage"),
            models.Index(fields=["closed_on"], name="sales_opp_closed_on"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="sales_opp_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(probability__lte=100), name="sales_opp_probability_is_percent"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=["won", "lost"]) | Q(closed_on__isnull=False),
                name="sales_opp_closed_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    @property
    def is_open(self) -> bool:
        """Whether the business is neither won nor lost."""
        return self.stage in OPEN_STAGES


class OpportunityLine(models.Model):
    """A product that the customer may buy."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="lines", verbose_name=_("opportunity")
    )
    product = models.ForeignKey(
        "crm_sales.Product", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=14, decimal_places=3, default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_opp_line_quantity_positive")
        ]

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} × {self.product}"


class CompetitorMet(models.Model):
    """A competitor that was met at an opportunity."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="competitors", verbose_name=_("opportunity")
    )
    competitor = models.ForeignKey(
        "crm_sales.Competitor", models.CASCADE, related_name="met", verbose_name=_("competitor")
    )
    met_at = models.DateTimeField(_("met at"), default=ports.now)
    threat = models.PositiveSmallIntegerField(_("threat"), default=2, help_text=_("1 weak to 3 strong."))
    remarks = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("competitor met")
        verbose_name_plural = _("competitors met")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "competitor"], name="sales_competitor_once_per_opp"
            )
        ]

    def __str__(self) -> str:
        return str(self.competitor)


class BuyingRole(models.Model):
    """Who plays which part in the customer's decision."""

    class Role(models.TextChoices):
        CHAMPION = "champion", _("champion")
        ECONOMIC_BUYER = "economic_buyer", _("economic buyer")
        USER = "user", pgettext_lazy("part in a decision", "user")
        TECHNICAL = "technical", _("technical evaluator")
        PURCHASING = "purchasing", _("purchasing")
        BLOCKER = "blocker", _("opponent")

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="buying_roles", verbose_name=_("opportunity")
    )
    contact = models.ForeignKey(
        "crm_parties.Contact", models.CASCADE, related_name="+", verbose_name=_("contact")
    )
    role = models.CharField(_("part in the decision"), max_length=20, choices=Role.choices)
    remarks = models.CharField(_("remarks"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("buying role")
        verbose_name_plural = _("buying roles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "contact", "role"], name="sales_buying_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_role_display()}"


class StageChange(models.Model):
    """A line in the history of an opportunity's stage, amount and close date; never changed."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="stage_changes", verbose_name=_("opportunity")
    )
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    from_stage = models.CharField(_("from"), max_length=20, choices=Stage.choices, blank=True)
    to_stage = models.CharField(_("to"), max_length=20, choices=Stage.choices)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    probability = models.PositiveSmallIntegerField(_("probability"))
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        ordering = ["opportunity", "at", "id"]
        indexes = [models.Index(fields=["opportunity", "at"], name="sales_stage_change_at")]

    def __str__(self) -> str:
        return f"{self.get_from_stage_display() or '…'} → {self.get_to_stage_display()}"

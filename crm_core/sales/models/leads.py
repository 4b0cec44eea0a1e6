"""Leads: somebody who may want to buy, not yet a customer's opportunity."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.kernel.records import Numbered, Record
from processes import ports


class LeadStatus(models.TextChoices):
    """Where a lead stands."""

    NEW = "new", _("new")
    ASSIGNED = "assigned", _("assigned")
    CONTACTED = "contacted", _("contacted")
    QUALIFIED = "qualified", _("qualified")
    CONVERTED = "converted", _("converted")
    NURTURE = "nurture", _("nurture")
    DISQUALIFIED = "disqualified", _("disqualified")
    RECYCLED = "recycled", _("recycled")
    JOINED = "joined", _("joined to another lead")


# A lead in one of these states is somebody's work now.
OPEN_STATUSES = (
    LeadStatus.NEW,
    LeadStatus.ASSIGNED,
    LeadStatus.CONTACTED,
    LeadStatus.QUALIFIED,
    LeadStatus.RECYCLED,
)


class LeadGrade(models.TextChoices):
    """The class that scoring gives a lead."""

    HOT = "hot", _("hot")
    WARM = "warm", _("warm")
    COLD = "cold", _("cold")
    REJECT = "reject", _("reject")


class LeadSource(models.TextChoices):
    """What brought the lead to us."""

    WEB_FORM = "web_form", _("web form")
    EMAIL = "email", _("e-mail")
    TELEPHONE = "telephone", _("telephone")
    WECHAT = "wechat", _("WeChat")
    EVENT = "event", _("event")
    CAMPAIGN = "campaign", _("campaign")
    REFERRAL = "referral", _("referral")
    PARTNER = "partner", _("partner")
    IMPORT = "import", _("import")
    API = "api", _("interface")


class LeadChannel(models.TextChoices):
    """Over which channel the lead reached us (C2)."""

    WEB = "web", _("web form")
    EMAIL = "email", _("e-mail")
    TELEPHONE = "telephone", _("telephone")
    WECHAT = "wechat", _("WeChat")
    EVENT = "event", _("event")
    PARTNER = "partner", _("partner")
    IMPORT = "import", _("import")


class Industry(models.TextChoices):
    """What the company does."""

    MANUFACTURING = "manufacturing", _("manufacturing")
    FOOD = "food", _("food")
    RETAIL = "retail", _("retail")
    FINANCE = "finance", _("finance")
    HEALTHCARE = "healthcare", _("healthcare")
    LOGISTICS = "logistics", _("logistics")
    TECHNOLOGY = "technology", _("technology")
    PUBLIC = "public", _("public sector")
    EDUCATION = "education", _("education")
    SERVICES = "services", _("services")
    OTHER = "other", _("other")


class ProductInterest(models.TextChoices):
    """The kind of product somebody asks about."""

    EQUIPMENT = "equipment", _("equipment")
    SOFTWARE = "software", _("software")
    SERVICE = "service", _("service")
    CONSUMABLES = "consumables", _("consumables")
    OTHER = "other", _("other")


class LeadRequest(models.TextChoices):
    """What was asked for on the form."""

    DEMO = "demo", _("demonstration")
    QUOTE = "quote", _("quote")
    CALLBACK = "callback", _("call back")
    INFORMATION = "information", _("information")
    DOWNLOAD = "download", _("download")
    NONE = "none", _("nothing")


class Budget(models.TextChoices):
    """BANT: is there money?"""

    UNKNOWN = "unknown", _("not known")
    NONE = "none", _("none")
    PLANNED = "planned", _("planned")
    APPROVED = "approved", _("approved")


class Authority(models.TextChoices):
    """BANT: what may the person we talk to decide?"""

    UNKNOWN = "unknown", _("not known")
    USER = "user", pgettext_lazy("part in a decision", "user")
    INFLUENCER = "influencer", _("influencer")
    DECISION_MAKER = "decision_maker", _("decision maker")


class Need(models.TextChoices):
    """BANT: is there a need?"""

    UNKNOWN = "unknown", _("not known")
    NONE = "none", _("none")
    WISH = "wish", _("a wish")
    CLEAR = "clear", _("clear")


class Timeline(models.TextChoices):
    """BANT: when is it to be bought?"""

    UNKNOWN = "unknown", _("not known")
    OVER_12_MONTHS = "over_12_months", _("later than a year")
    MONTHS_12 = "12_months", _("within a year")
    MONTHS_6 = "6_months", _("within six months")
    MONTHS_3 = "3_months", _("within three months")


class DisqualifyReason(models.TextChoices):
    """Why a lead is put aside for good."""

    NO_NEED = "no_need", _("no need")
    NO_BUDGET = "no_budget", _("no budget")
    NO_AUTHORITY = "no_authority", _("nobody who may decide")
    WRONG_TIMING = "wrong_timing", _("wrong time")
    BAD_DATA = "bad_data", _("data wrong or missing")
    COMPETITOR = "competitor", _("is a competitor")
    SPAM = "spam", _("spam")
    DUPLICATE = "duplicate", _("known already")
    EXISTING_SUPPLIER = "existing_supplier", _("bound to another supplier")
    OTHER = "other", _("other")


class Lead(Numbered, Record):
    """An enquiry or a name that may become business.

    A lead knows its campaign by the source key alone, so that sales does not depend on
    marketing. `idempotency_key` makes receiving it twice harmless; `payload` is what arrived.
    """

    NUMBER_PREFIX = "L"

    company = models.CharField(_("company"), max_length=200, blank=True)
    contact_name = models.CharField(_("contact"), max_length=200, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=80, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Two letters, ISO 3166."))
    region = models.CharField(_("province or state"), max_length=100, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    industry = models.CharField(_("industry"), max_length=20, choices=Industry.choices, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    product = models.ForeignKey(
        "crm_sales.Product",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    product_interest = models.CharField(
        _("interested in"), max_length=20, choices=ProductInterest.choices, blank=True
    )
    request = models.CharField(
        _("asked for"), max_length=20, choices=LeadRequest.choices, default=LeadRequest.NONE
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    message = models.TextField(pgettext_lazy("from a customer", "message"), blank=True)

    source = models.CharField(
        _("source"), max_length=20, choices=LeadSource.choices, default=LeadSource.WEB_FORM
    )
    campaign_key = models.CharField(_("campaign"), max_length=80, blank=True, db_index=True)
    channel = models.CharField(
        _("channel"), max_length=20, choices=LeadChannel.choices, default=LeadChannel.WEB
    )
    sales_channel = models.ForeignKey(
        "crm_sales.SalesChannel",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("sales channel"),
    )
    consent = models.BooleanField(_("agreed to be contacted"), default=False)
    consent_at = models.DateTimeField(_("agreed at"), null=True, blank=True)
    payload = models.JSONField(_("as received"), default=dict, blank=True)
    idempotency_key = models.CharField(
        _("key of the delivery"), max_length=200, null=True, blank=True, unique=True
    )
    received_at = models.DateTimeField(_("received at"), default=ports.now, db_index=True)

    need = models.CharField(_("need"), max_length=20, choices=Need.choices, default=Need.UNKNOWN)
    budget = models.CharField(_("budget"), max_length=20, choices=Budget.choices, default=Budget.UNKNOWN)
    authority = models.CharField(
        _("authority"), max_length=20, choices=Authority.choices, default=Authority.UNKNOWN
    )
    timeline = models.CharField(_("time"), max_length=20, choices=Timeline.choices, default=Timeline.UNKNOWN)
    is_spam = models.BooleanField(_("spam"), default=False)
    is_competitor = models.BooleanField(_("is a competitor"), default=False)

    score = models.IntegerField(_("score"), null=True, blank=True)
    grade = models.CharField(_("grade"), max_length=10, choices=LeadGrade.choices, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=LeadStatus.choices, default=LeadStatus.NEW)
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    first_contact_at = models.DateTimeField(_("first contact at"), null=True, blank=True)
    misses = models.PositiveIntegerField(_("not accepted in time"), default=0)
    recycled_count = models.PositiveIntegerField(_("times begun again"), default=0, editable=False)
    disqualify_reason = models.CharField(
        _("put aside because of"), max_length=20, choices=DisqualifyReason.choices, blank=True
    )
    nurture_until = models.DateField(_("come back on"), null=True, blank=True)
    nurture_segment = models.CharField(_("nurture segment"), max_length=80, blank=True)

    account = models.ForeignKey(
        "crm_parties.Account",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("known as"),
    )
    joined_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="joined", verbose_name=_("joined to")
    )
    opportunity = models.OneToOneField(
        "crm_sales.Opportunity",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lead",
        verbose_name=_("opportunity"),
    )
    converted_at = models.DateTimeField(_("converted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["status", "owner"], name="sales_lead_status_owner"),
            models.Index(fields=["email"], name="sales_lead_email"),
            models.Index(fields=["phone"], name="sales_lead_phone"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="converted") | Q(converted_at__isnull=False),
                name="sales_lead_converted_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.company or self.contact_name}".strip()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about the lead."""
        return self.status in OPEN_STATUSES

"""Cases: what customers bring to us, followed to its end (ISO 10002 for complaints)."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.kernel.records import Numbered, Record
from processes import ports


class CaseKind(models.TextChoices):
    """What the customer wants of us."""

    ENQUIRY = "enquiry", _("enquiry")
    COMPLAINT = "complaint", _("complaint")
    FAULT = "fault", _("fault")
    REQUEST = "request", _("request")


class CaseStatus(models.TextChoices):
    """Where a case stands."""

    NEW = "new", pgettext_lazy("case", "new")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    INVESTIGATING = "investigating", _("being investigated")
    ANSWERED = "answered", _("answered")
    REOPENED = "reopened", _("reopened")
    CLOSED = "closed", _("closed")


OPEN_CASE_STATUSES = (
    CaseStatus.NEW,
    CaseStatus.ACKNOWLEDGED,
    CaseStatus.INVESTIGATING,
    CaseStatus.ANSWERED,
    CaseStatus.REOPENED,
)


class CaseChannel(models.TextChoices):
    """Over which channel the case reached us (C2)."""

    WEB = "web", _("web form")
    EMAIL = "email", _("e-mail")
    TELEPHONE = "telephone", _("telephone")
    WECHAT = "wechat", _("WeChat")
    LETTER = "letter", _("letter")
    VISIT = "visit", _("visit")


class Severity(models.TextChoices):
    """How bad it is."""

    MINOR = "minor", _("minor")
    MODERATE = "moderate", _("moderate")
    MAJOR = "major", _("major")
    CRITICAL = "critical", _("critical")


class Impact(models.TextChoices):
    """What it does to the customer."""

    NONE = "none", _("none")
    INCONVENIENCE = "inconvenience", _("inconvenience")
    LOSS = "loss", _("loss")
    STOPPED = "stopped", _("work has stopped")


class Remedy(models.TextChoices):
    """What the customer asks for."""

    NONE = "none", _("nothing")
    APOLOGY = "apology", _("apology")
    EXPLANATION = "explanation", _("explanation")
    REPAIR = "repair", _("repair")
    REPLACEMENT = "replacement", _("replacement")
    REFUND = "refund", _("refund")
    OTHER = "other", _("other")


class Cause(models.TextChoices):
    """What it came from."""

    PRODUCT = "product", _("product")
    DELIVERY = "delivery", _("delivery")
    INVOICE = "invoice", _("invoice")
    SERVICE = "service", _("service")
    INFORMATION = "information", _("information")
    BEHAVIOUR = "behaviour", _("behaviour")
    CUSTOMER = "customer", _("customer")
    THIRD_PARTY = "third_party", _("third party")
    UNKNOWN = "unknown", _("not known")


class ProductGroup(models.TextChoices):
    """The kind of product the case is about."""

    EQUIPMENT = "equipment", _("equipment")
    SOFTWARE = "software", _("software")
    SERVICE = "service", _("service")
    CONSUMABLES = "consumables", _("consumables")
    OTHER = "other", _("other")


def new_token() -> str:
    """A token nobody can guess, for the customer's link."""
    return secrets.token_urlsafe(24)


class Case(Numbered, Record):
    """An enquiry, complaint, fault or request.

    The owner is who answers for the case, the handler who works on it now. `about_person` is
    the member of staff complained about, who must not handle it. `customer_token` stands in
    the customer's signed link; a new one makes old links void.
    """

    NUMBER_PREFIX = "K"

    kind = models.CharField(_("kind"), max_length=20, choices=CaseKind.choices, default=CaseKind.COMPLAINT)
    channel = models.CharField(
        _("channel"), max_length=20, choices=CaseChannel.choices, default=CaseChannel.WEB
    )
    status = models.CharField(_("status"), max_length=20, choices=CaseStatus.choices, default=CaseStatus.NEW)
    account = models.ForeignKey(
        "crm_parties.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        "crm_parties.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("contact"),
    )
    contact_name = models.CharField(_("name of the customer"), max_length=200, blank=True)
    contact_email = models.EmailField(_("e-mail of the customer"), blank=True)
    contact_phone = models.CharField(_("telephone of the customer"), max_length=60, blank=True)
    company = models.CharField(_("company as given"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    product = models.CharField(_("product"), max_length=200, blank=True)
    product_group = models.CharField(
        _("product group"), max_length=20, choices=ProductGroup.choices, default=ProductGroup.OTHER
    )
    subject_line = models.CharField(_("subject"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    impact = models.CharField(
        _("effect on the customer"), max_length=20, choices=Impact.choices, default=Impact.NONE
    )
    injury_risk = models.BooleanField(_("somebody could be hurt"), default=False)
    data_breach = models.BooleanField(_("personal data may have leaked"), default=False)
    legal_threat = models.BooleanField(_("lawyer, authority or press mentioned"), default=False)
    vulnerable = models.BooleanField(_("vulnerable customer"), default=False)
    remedy_sought = models.CharField(
        _("remedy sought"), max_length=20, choices=Remedy.choices, default=Remedy.NONE
    )
    severity = models.CharField(_("severity"), max_length=20, choices=Severity.choices, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=50)
    entitlement = models.ForeignKey(
        "crm_service.Entitlement",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("entitlement"),
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="handled_cases",
        verbose_name=_("handler"),
    )
    contact_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact person for the customer"),
    )
    about_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("staff member it is about"),
    )
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices, blank=True)
    root_cause = models.TextField(_("root cause"), blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    reopen_count = models.PositiveIntegerField(_("times reopened"), default=0)
    escalation_level = models.PositiveSmallIntegerField(_("escalation level"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    received_at = models.DateTimeField(_("received at"), default=ports.now, db_index=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    customer_answer = models.CharField(_("customer's answer"), max_length=10, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    customer_token = models.CharField(_("customer's token"), max_length=64, default=new_token, editable=False)
    payload = models.JSONField(_("as received"), default=dict, blank=True)
    idempotency_key = models.CharField(
        _("key of the delivery"), max_length=200, null=True, blank=True, unique=True
    )

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["account", "kind", "received_at"], name="service_case_account_kind"),
            models.Index(fields=["status", "handler"], name="service_case_status_handler"),
            models.Index(fields=["contact_email"], name="service_case_email"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False),
                name="service_case_closed_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject_line}".strip()

    @property
    def is_open(self) -> bool:
        """Whether the case has not been closed."""
        return self.status in OPEN_CASE_STATUSES


class CaseMessage(models.Model):
    """Something said between the customer and us about a case; what the signed page shows."""

    class Direction(models.TextChoices):
        FROM_CUSTOMER = "in", _("from the customer")
        TO_CUSTOMER = "out", _("to the customer")

    case = models.ForeignKey(Case, models.CASCADE, related_name="messages", verbose_name=_("case"))
    at = models.DateTimeField(_("at"), default=ports.now)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    text = models.TextField(_("text"))
    key = models.CharField(_("key"), max_length=200, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("message of a case")
        verbose_name_plural = _("messages of cases")
        ordering = ["case", "at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="service_message_once")]

    def __str__(self) -> str:
        return self.text[:60]


class CaseArticle(models.Model):
    """A knowledge article proposed for a case, or used to answer it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="article_links", verbose_name=_("case"))
    article = models.ForeignKey(
        "crm_knowledge.Article", models.CASCADE, related_name="case_links", verbose_name=_("article")
    )
    score = models.FloatField(_("score"), default=0, help_text=_("Of the search; higher fits better."))
    used = models.BooleanField(_("used in the answer"), default=False)
    at = models.DateTimeField(_("at"), default=ports.now)

    class Meta:
        verbose_name = _("article of a case")
        verbose_name_plural = _("articles of cases")
        ordering = ["case", "-score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "article"], name="service_article_once_per_case")
        ]

    def __str__(self) -> str:
        return f"{self.case} – {self.article}"


class Resolution(models.Model):
    """What was decided about a case, each time it was answered or closed; never changed."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="resolutions", verbose_name=_("case"))
    at = models.DateTimeField(_("at"), default=ports.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices, blank=True)
    text = models.TextField(_("resolution"), blank=True)
    accepted = models.BooleanField(_("accepted by the customer"), null=True, blank=True)

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering = ["case", "at", "id"]

    def __str__(self) -> str:
        return self.text[:60]

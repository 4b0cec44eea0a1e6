"""What processes may read and write of a case."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_core.kernel.declared import Declared as D
from crm_core.service import selectors

CASE = (
    D("number", "text"),
    D("kind", "choice", writable=True),
    D("channel", "choice"),
    D("status", "choice"),
    D("subject_line", "text", writable=True),
    D("description", "text"),
    D("product", "text", writable=True),
    D("product_group", "choice", writable=True),
    D("impact", "choice", writable=True),
    D("injury_risk", "boolean", writable=True),
    D("data_breach", "boolean", writable=True),
    D("legal_threat", "boolean", writable=True),
    D("vulnerable", "boolean", writable=True),
    D("remedy_sought", "choice", writable=True),
    D("account", "number"),
    D("account_name", "text", label=_("account"), read=lambda c: str(c.account) if c.account_id else c.company),
    D("customer_class", "text", label=_("class"), read=lambda c: c.account.grade if c.account_id else "D"),
    D("contact", "number"),
    D("contact_name", "text"),
    D("contact_email", "text"),
    D("language", "text"),
    D("entitlement", "text", read=lambda c: c.entitlement.level.tier if c.entitlement_id else "none"),
    D("repeat_count", "number", label=_("earlier complaints"), read=selectors.repeat_count),
    D("open_count", "number", label=_("other open cases"), read=selectors.open_count),
    D("severity", "choice", writable=True),
    D("priority", "number"),
    D("handler", "user"),
    D("contact_person", "user"),
    D("about_person", "user", writable=True),
    D("owner", "user"),
    D("branch", "text", lookup="key"),
    D("reopen_count", "number"),
    D("escalation_level", "number"),
    D("cause", "choice", writable=True),
    D("root_cause", "text", writable=True),
    D("resolution", "text", writable=True),
    D("currency", "text"),
    D("received_at", "datetime"),
    D("acknowledged_at", "datetime"),
    D("answered_at", "datetime"),
)

# What may be given when a case arrives; everything else stays in the payload as it came.
RECEIVABLE = frozenset(
    {
        "kind", "subject_line", "product", "product_group", "impact", "injury_risk", "data_breach", "legal_threat",
        "vulnerable", "remedy_sought",
    }
)  # fmt: skip
PERSONAL = ("contact_name", "contact_email", "contact_phone", "company", "language", "description", "channel")


"""What processes may read and write of a campaign, and what a segment's rule may ask of a contact."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_core.kernel.declared import Declared as D
from crm_core.marketing import selectors

CAMPAIGN = (
    D("number", "text"),
    D("name", "text", writable=True),
    D("kind", "choice", writable=True),
    D("goal", "text", writable=True),
    D("goal_measure", "text", writable=True),
    D("segment", "number", writable=True),
    D("segment_name", "text", label=_("segment"), read=lambda c: c.segment.name if c.segment_id else ""),
    D("offer", "text", writable=True),
    D("channels", "list", writable=True),
    D("budget", "number", writable=True),
    D("reserved", "number"),
    D("spent", "number", writable=True),
    D("currency", "text"),
    D("expected_return", "number", writable=True),
    D("control_group", "number", writable=True),
    D("starts_on", "date", writable=True),
    D("ends_on", "date", writable=True),
    D("claims", "boolean", writable=True),
    D("regulated", "boolean", writable=True),
    D("personal_data", "choice", writable=True),
    D("new_brand_element", "boolean", writable=True),
    D("legal_text", "text", writable=True),
    D("consent_basis", "choice", writable=True),
    D("mail_subject_en", "text", label=_("mail subject, English"), read=lambda c: c.subjects.get("en", "")),
    D("mail_subject_zh", "text", label=_("mail subject, Chinese"), read=lambda c: c.subjects.get("zh-hans", "")),
    D("landing_form", "text", writable=True),
    D("briefing", "text", writable=True),
    D("lessons", "text", writable=True),
    D("state", "choice"),
    D("audience_size", "number"),
    D("owner", "user"),
    D("branch", "text", lookup="key"),
    D("evaluation", "context", read=lambda c: c.evaluation or None),
    D("figures", "context", label=_("figures so far"), read=selectors.figures),
)

BRIEF = (
    "name", "kind", "goal", "segment_id", "offer", "channels", "budget", "currency", "control_group", "starts_on",
    "ends_on", "claims", "regulated", "personal_data", "new_brand_element", "legal_text", "consent_basis",
)  # fmt: skip
"""What an approval is about; the content joins it when the campaign may go."""

CONTENT = ("subjects", "bodies", "landing_form")

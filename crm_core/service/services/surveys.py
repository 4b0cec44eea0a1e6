"""Surveys: sent once, answered once, over a signed link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import override

from crm_core.kernel import links, records
from crm_core.kernel.access.authority import allow
from crm_core.sales import customers
from crm_core.sales.models import Opportunity
from crm_core.service.models import Case, Survey, SurveyAnswer
from crm_core.service.models.surveys import SCALES
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

MOST_TEXT = 5000


def question(kind: str) -> str:
    """What a kind of survey asks, in the language in use."""
    return {
        Survey.Kind.CSAT: _("How satisfied are you with the way we handled your matter?"),
        Survey.Kind.NPS: _("How likely are you to recommend us to others?"),
        Survey.Kind.CES: _("How easy was it to get your matter settled?"),
        Survey.Kind.LOST_DEAL: _("How satisfied were you with our offer and the way we worked with you?"),
    }[Survey.Kind(kind)]


@transaction.atomic
def send_survey(
    *,
    kind: str,
    to: str,
    case: Case | None = None,
    opportunity: Opportunity | None = None,
    account: Any = None,
    language: str = "",
    key: str | None = None,
    by: Any = None,
    trusted: bool = False,
) -> Survey | None:
    """Send a survey; None when there is no address or the address may not be written to for surveys.

    The same key sends once. Raises Invalid for an unknown kind.
    """
    allow(by, "add", Survey, trusted=trusted)
    if kind not in Survey.Kind.values:
        raise Invalid(
            _("“%(kind)s” is no kind of survey. Use one of: %(known)s.")
            % {"kind": kind, "known": ", ".join(Survey.Kind.values)}
        )
    address = str(to or "").strip().lower()
    about = case or opportunity
    account = account or (about.account if about is not None else None)
    if not address or customers.suppressed(address, purpose="survey"):
        return None
    if key and (before := Survey.objects.filter(key=key).first()):
        return before
    language = language or (case.language if case else "") or (account.language if account else "") or "en"
    survey = records.create(
        Survey,
        by=by,
        kind=kind,
        case=case,
        opportunity=opportunity,
        account=account,
        address=address,
        language=language,
        sent_at=ports.now(),
        key=key or None,
        owner=about.owner if about is not None else None,
        branch=about.branch if about is not None else None,
    )
    with override(language if language in ("en", "zh-hans") else "en"):
        subject_line = _("Your opinion, please")
        body = f"{question(kind)}\n\n{links.address('survey', token_of(survey))}"
    customers.mail(
        to=address,
        subject_line=subject_line,
        body=body,
        language=language,
        purpose="survey",
        account=account,
        contact=about.contact if about is not None else None,
        subject=("case", case.pk) if case else (("opportunity", opportunity.pk) if opportunity else None),
        key=f"survey:{survey.pk}",
        by=by,
    )
    return survey


def token_of(survey: Survey) -> str:
    """The signed token for the page of a survey, valid for 60 days."""
    return links.make("survey", survey.pk, survey.token, days=60)


@dataclass(frozen=True, slots=True)
class SurveyView:
    """What the page of a survey shows."""

    kind: str
    question: str
    lowest: int
    highest: int
    language: str
    answered: bool
    about: str


def _survey(signed: str, *, lock: bool = False) -> Survey:
    opened = links.read("survey", signed)
    rows = Survey.objects.select_for_update(of=("self",)) if lock else Survey.objects
    survey = rows.filter(pk=opened.id).first()
    if survey is None or not links.same(survey.token, opened.token):
        raise links.refuse()
    return survey


def survey_view(token: str) -> SurveyView:
    """What the page behind a survey's link shows. Raises LinkInvalid."""
    survey = _survey(token)
    lowest, highest = SCALES[survey.kind]
    with override(survey.language if survey.language in ("en", "zh-hans") else "en"):
        return SurveyView(
            kind=survey.kind,
            question=question(survey.kind),
            lowest=lowest,
            highest=highest,
            language=survey.language,
            answered=survey.answered_at is not None,
            about=survey.case.number if survey.case else "",
        )


@transaction.atomic
def answer_survey(token: str, *, mark: Any, text: str = "") -> SurveyView:
    """Write the customer's answer, once. Raises LinkInvalid, or Invalid for a mark outside the scale."""
    survey = _survey(token, lock=True)
    if survey.answered_at is not None:
        return survey_view(token)
    lowest, highest = SCALES[survey.kind]
    try:
        number = int(str(mark))
    except ValueError:
        number = lowest - 1
    if not lowest <= number <= highest:
        sentence = _("Choose a mark from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}
        raise Invalid(sentence, errors={"mark": sentence})
    said = customers.tidy({"text": str(text or "")})["text"][:MOST_TEXT]
    SurveyAnswer.objects.create(survey=survey, mark=number, text=said, at=ports.now())
    records.change(survey, by=None, answered_at=ports.now())
    customers.note(
        subject=("case", survey.case_id) if survey.case_id else ("account", survey.account_id or 0),
        account=survey.account,
        contact=None,
        owner=survey.owner,
        direction="in",
        subject_line=_("Answered a survey: %(mark)s of %(highest)s") % {"mark": number, "highest": highest},
        body=said,
        key=f"survey.answer:{survey.pk}",
    )
    return survey_view(token)

"""The messages that service publishes, each in the transaction of what happened, each once."""

from __future__ import annotations

from crm_core.service.models import Case, CaseMessage
from processes import api

CASE_RECEIVED = "case.received"
CUSTOMER_ANSWERED = "case.customer_answered"
CUSTOMER_WROTE = "case.customer_wrote"


def case_received(case: Case) -> None:
    """A case arrived; its process starts."""
    api.message(
        CASE_RECEIVED,
        subject=("case", case.pk),
        data={"kind": case.kind},
        key=f"{CASE_RECEIVED}:{case.pk}",
    )


def customer_answered(case: Case, *, answer: str, text: str, key: str) -> None:
    """The customer accepted or rejected our answer over the signed link."""
    api.message(
        CUSTOMER_ANSWERED,
        correlation=case.number,
        subject=("case", case.pk),
        data={"answer": answer, "text": text},
        key=f"{CUSTOMER_ANSWERED}:{case.pk}:{key}",
    )


def customer_wrote(case: Case, message: CaseMessage) -> None:
    """The customer added something to the case over the signed link."""
    api.message(
        CUSTOMER_WROTE,
        correlation=case.number,
        subject=("case", case.pk),
        data={"text": message.text},
        key=f"{CUSTOMER_WROTE}:{message.pk}",
    )

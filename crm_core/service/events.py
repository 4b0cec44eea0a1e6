"""The messages that service publishes, each in the transaction of what happened, each once."""

from __future__ import annotations

from crm_core.service.models import Case
from processes import api

CASE_RECEIVED = "case.received"
CUSTOMER_ANSWERED = "case.customer_answered"


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

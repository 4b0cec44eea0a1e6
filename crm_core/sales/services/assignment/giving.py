"""Giving waiting work to somebody by hand; the ledger has a row for that too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from crm_core.kernel.access.authority import allow
from crm_core.sales.models import AssignmentLedger, Lead
from crm_core.sales.services.assignment import people as known
from crm_core.sales.services.assignment.eligibility import Person, Rule, Sifted, why_not
from crm_core.sales.services.assignment.methods import HAND, Decision
from crm_core.sales.services.assignment.sentences import left_out, reason_of
from crm_core.sales.services.leads import assign
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

GiveTo = Callable[..., Any]


def _lead(record: Lead, user: Any, by: Any) -> None:
    assign(lead=record, owner=user, branch=record.branch, by=by, trusted=True)


givers: dict[str, GiveTo] = {"lead": _lead}
"""How a record of a type is given to a person: (record, person, by). Other domains add theirs when they register."""


def staff_of(subject_type: str, role: str) -> list[tuple[Any, Person, str]]:
    """Who has a role, with what counts of them now and the code of what speaks against giving them work (empty: nothing);
    a fixed number of queries."""
    asked: dict[str, Any] = {"role": role, "scope": "", "language": "", "skills": [], "exclude": []}
    users = known.in_question(asked, None)
    people = known.known_of(
        users, rule=asked, own=None, members=set(users), subject_type=subject_type, pool=None, at=ports.now()
    )
    return [(users[person.user], person, why_not(person, Rule(HAND))) for person in people]


@transaction.atomic
def give(*, subject_type: str, record: Any, user: Any, by: Any) -> AssignmentLedger:
    """Give a waiting record to a person and write the ledger row; who gives it must be allowed to change the record.

    Somebody off shift or full may be given work by hand, which the row then says. Raises Denied, and Invalid for a person who
    is absent or has no account here.
    """
    allow(by, "change", record)
    if user is None or not user.is_active:
        raise Invalid(_("Choose somebody who works here at present."))
    asked: dict[str, Any] = {"role": "", "scope": "", "language": "", "skills": [], "exclude": []}
    person = known.known_of(
        {user.pk: user}, rule=asked, own=None, members={user.pk}, subject_type=subject_type, pool=None, at=ports.now()
    )[0]
    against = why_not(person, Rule(HAND))
    if against == "absent":
        raise Invalid(_("%(person)s is absent. Choose somebody who is there.") % {"person": ports.people().display(user)})
    givers[subject_type](record, user, by)
    decision = Decision(person, Sifted((person,), ()), by=HAND)
    reason = reason_of(decision)
    if against:
        reason = _("%(reason)s (%(against)s)") % {"reason": reason, "against": left_out(against)}
    row = AssignmentLedger(
        subject_type=subject_type, subject_id=record.pk, method=HAND, rule=asked, candidates=[person.as_json()],
        chosen=user, reason=reason[:300],
    )  # fmt: skip
    row.save(force_insert=True)
    return row

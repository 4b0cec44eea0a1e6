"""The inbox asks whether work has come: mostly it hears that nothing has, for the price of one row."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from crm_core.sales.models import Lead
from crm_core.sales.services import receive_lead
from tests.stories.house import House, Person

pytestmark = pytest.mark.django_db


def asks(person: Person, since: float, mark: str = "") -> HttpResponse:
    """What the page asks, with the mark of the answer before."""
    return person.client.get(f"/inbox/news/?since={since}", headers={"If-None-Match": mark} if mark else {})


def arrives(house: House, email: str) -> Lead:
    """A hot lead of a stranger in Shanghai, in somebody's inbox."""
    lead = receive_lead(
        data={"company": "", "contact_name": "Mei Lin", "email": email, "country": "CN", "language": "zh-hans",
              "industry": "food", "employees": 400, "request": "demo", "need": "clear", "budget": "approved",
              "authority": "decision_maker", "timeline": "3_months", "message": "We need a line before May."},
        branch=house.founder.branches["shanghai"], consent=True,
    )  # fmt: skip
    house.settle()
    lead.refresh_from_db()
    return lead


def statements(person: Person, since: float, mark: str) -> list[str]:
    """The statements of one question."""
    with CaptureQueriesContext(connection) as heard:
        asks(person, since, mark)
    return [one["sql"] for one in heard.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_nothing_new_is_answered_304_for_one_row_beside_the_sign_in(house: House) -> None:
    seller = house[arrives(house, "a@huadu.example").owner.username]
    since = house.clock.now().timestamp()
    first = asks(seller, since)
    assert (first.status_code, first.json()["n"]) == (200, 0)
    again = asks(seller, since, first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    heard = statements(seller, since, first["ETag"])
    work = [sql for sql in heard if "process_" in sql]
    assert len(work) == 1, work
    assert "process_runtime_taskcandidate" in work[0]
    assert "LIMIT 1" in work[0]
    assert len(heard) == 3, "the session, the person and that row"


def test_new_work_is_counted_once_somebody_was_offered_some(house: House) -> None:
    seller = house[arrives(house, "a@huadu.example").owner.username]
    since = house.clock.now().timestamp()
    mark = asks(seller, since)["ETag"]
    house.wait(seconds=30)
    others = {arrives(house, f"{n}@huadu.example").owner.username for n in range(12)}
    assert seller.user.username in others
    answer = asks(seller, since, mark)
    mine = Lead.objects.filter(owner=seller.user).count() - 1
    assert (answer.status_code, answer.json()["n"]) == (200, mine)
    assert answer.json()["words"] == (f"{mine} 条新待办" if seller.user.language == "zh-hans" else f"{mine} new")
    assert answer["ETag"] != mark


def test_work_handed_on_is_new_to_whom_it_was_given(house: House) -> None:
    lead = arrives(house, "a@huadu.example")
    instance = house.instance("lead_assignment", "lead", lead.pk)
    giver = house[lead.owner.username]
    task = giver.task(instance, "AcceptLead")
    colleague = next(house[p] for p in ("li.na", "wang.li", "xu.qing", "sun.hao") if p != lead.owner.username)
    since = house.clock.now().timestamp()
    mark = asks(colleague, since)["ETag"]
    house.wait(seconds=30)
    given = giver.client.post(f"/work/{task.pk}/delegate/", {"to": str(colleague.user.pk), "reason": "I am out today."})
    task.refresh_from_db()
    assert (given.status_code, task.owner_id) == (302, colleague.user.pk)
    answer = asks(colleague, since, mark)
    assert (answer.status_code, answer.json()["n"]) == (200, 1)


@pytest.mark.parametrize("since", ["", "soon", "1e400", "nan"])
def test_a_moment_that_makes_no_sense_has_no_news(house: House, since: Any) -> None:
    seller = house[arrives(house, "a@huadu.example").owner.username]
    answer = seller.client.get(f"/inbox/news/?since={since}")
    assert (answer.status_code, answer.json()["n"]) == (200, 0)


def test_who_is_not_signed_in_hears_nothing(house: House, client: Any) -> None:
    assert client.get("/inbox/news/?since=0").status_code == 403

"""The pages of notices: one's own alone, by day, read when opened, and how they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm_core.kernel import notices
from crm_core.kernel.models import Notice, User
from crm_core.parties.services import open_account
from processes import ports
from tests.stories.house import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles() -> None:
    call_command("roles", "load", verbosity=0)


def signed_in(name: str = "mei", role: str = "service_agent") -> tuple[Client, User]:
    user = User.objects.create(username=name, is_staff=True, email=f"{name}@example.org")
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, user


def test_a_person_sees_their_own_notices_and_opens_the_matter(clock: ports.FixedClock) -> None:
    client, user = signed_in()
    _other, somebody = signed_in("tang")
    task = uuid4()
    notices.tell(users=[user], kind="assigned", text="“Ask back” was given to you.", task_id=task)
    notices.tell(users=[somebody], kind="assigned", text="Not for Mei")
    page = text_of(client.get("/notices/").content.decode())
    assert "“Ask back” was given to you." in page
    assert "Not for Mei" not in page
    assert client.get("/notices/unread/").json() == {"n": 1}

    mine, theirs = Notice.objects.get(user=user), Notice.objects.get(user=somebody)
    opened = client.get(f"/notices/{mine.pk}/")
    assert (opened.status_code, opened["Location"]) == (302, f"/work/{task}/")
    assert client.get(f"/notices/{theirs.pk}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert client.get("/notices/unread/").json() == {"n": 0}
    assert "Nothing new" in text_of(client.get("/notices/").content.decode())
    assert "Ask back" in text_of(client.get("/notices/?show=all").content.decode())


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_notice_leads_only_inside_the_house(url: str) -> None:
    client, user = signed_in()
    notices.tell(users=[user], kind="news", text="Look", url=url)
    assert client.get(f"/notices/{Notice.objects.get().pk}/")["Location"] == "/notices/?show=all"


def test_a_record_that_may_not_be_seen_is_not_led_to() -> None:
    client, user = signed_in(role="partner")
    _client, somebody = signed_in("tang")
    account = open_account(name="Hidden", manager=somebody, by=somebody)
    notices.tell(users=[user], kind="news", text="Look", subject=ports.Subject("account", account.pk))
    assert client.get(f"/notices/{Notice.objects.get().pk}/")["Location"] == "/notices/?show=all"


def test_all_are_read_with_one_button_and_pages_go_on_where_the_last_ended(clock: ports.FixedClock) -> None:
    client, user = signed_in()
    for number in range(60):
        clock.move(clock.now() + timedelta(minutes=1))
        notices.tell(users=[user], kind="due", text=f"Notice {number:03}")
    first = client.get("/notices/").content.decode()
    assert "Notice 059" in first
    assert "Notice 009" not in first
    second = text_of(client.get(first.split('class="pager"')[1].split('href="')[1].split('"')[0].join(["/notices/", ""])).content.decode())
    assert "Notice 009" in second
    assert "Notice 010" not in second
    assert client.get("/notices/?before=nonsense").status_code == 200
    client.post("/notices/read/")
    assert not notices.unread(user).exists()


def test_how_they_come_is_chosen_and_wrong_times_are_told() -> None:
    client, user = signed_in()
    sent = {"given": "at_once", "time": "daily", "talk": "page", "other": "page", "daily_at": "07:45", "quiet_from": "", "quiet_to": ""}
    assert client.post("/notices/how/", sent).status_code == 302
    user.refresh_from_db()
    assert user.notice_ways["given"] == "at_once"
    refused = client.post("/notices/how/", {**sent, "daily_at": "noon"})
    assert refused.status_code == 422
    assert "Write a time such as 08:00." in text_of(refused.content.decode())
    page = client.get("/notices/how/").content.decode()
    assert 'value="07:45"' in page
    assert "mei@example.org" in page


def test_the_list_costs_the_same_with_many() -> None:
    client, user = signed_in()
    costs = []
    for _round in range(2):
        notices.tell(users=[user], kind="due", text="Due")
        client.get("/notices/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/notices/")
        costs.append(len(caught))
        for number in range(45):
            notices.tell(users=[user], kind="due", text=f"Due {number}")
    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_who_is_not_signed_in_learns_nothing() -> None:
    anybody: Any = Client()
    assert anybody.get("/notices/unread/").status_code == 403
    assert anybody.get("/notices/").status_code == 302

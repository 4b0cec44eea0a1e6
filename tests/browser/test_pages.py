"""The audit over the main pages, in two languages and at two widths, over a company that has just begun to work."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from crm_core.activities.services import log_activity, plan_activity
from crm_core.parties.models import Account
from crm_core.sales.models import Lead
from crm_core.sales.services import receive_lead
from crm_core.service.services import receive_case
from tests.browser.latin import data_texts
from tests.browser.pages import Shown
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(house: House) -> House:
    """A customer who asks, complains and was promised a call."""
    account: Account = house.customer(0)
    receive_lead(
        data={"company": account.name, "contact_name": "梅琳", "email": "mei@huadu.example", "phone": "+86 138 0000 1111",
              "country": "CN", "language": "zh-hans", "message": "我们需要一条生产线。"},
        branch=account.branch, consent=True,
    )  # fmt: skip
    receive_case(
        data={"company": account.name, "contact_name": "梅琳", "contact_email": "mei@huadu.example", "kind": "complaint",
              "subject_line": "二号线停了", "description": "二号线这周停了三次。", "language": "zh-hans"},
        channel="web",
    )  # fmt: skip
    manager = account.manager
    log_activity(kind="call", title="二号线", account=account, by=manager, at=house.clock.now())
    plan_activity(kind="call", title="回电", account=account, due_at=house.clock.now(), promise=True, owner=manager, by=manager)
    house.settle()
    return house


def pages_of(house: House) -> list[Shown]:
    """The pages that a house as small as this one has."""
    lead = Lead.objects.get()
    seller = lead.owner.username
    task = house[seller].task(house.instance("lead_assignment", "lead", lead.pk), "AcceptLead")
    instance = task.process_id
    return [
        Shown("contact", "", reverse("portal:lead_form")),
        Shown("complaint", "", reverse("portal:complaint_form")),
        Shown("inbox", seller, reverse("redraw:inbox")),
        Shown("task", seller, reverse("redraw:work", args=[task.pk])),
        Shown("account", seller, reverse("redraw:account", args=[lead.account_id])),
        Shown("instance", "gao.jing", reverse("redraw:instance", args=[instance])),
        Shown("process", "gao.jing", reverse("redraw:process", args=["lead_assignment"])),
        Shown("list", seller, reverse("admin:crm_sales_lead_changelist")),
        Shown("record", seller, reverse("admin:crm_sales_lead_change", args=[lead.pk])),
    ]


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 360)])
def test_the_main_pages_hold(busy: House, desk: Any, language: str, width: int) -> None:
    pages, data = pages_of(busy), data_texts()
    for user in dict.fromkeys(page.user for page in pages):
        with desk(user, language=language, width=width) as (tab, audit):
            audit.data = data
            for shown in (page for page in pages if page.user == user):
                audit.name = shown.name
                answer = tab.goto(shown.path)
                assert answer is not None
                assert answer.status == 200, shown.name
                audit.look(shown.name)

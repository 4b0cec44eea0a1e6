"""A lead's way in a real browser: from the public form to an opportunity, by keyboard, in English and in Chinese."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm_core.activities.models import Activity
from crm_core.sales.models import Lead, Opportunity
from tests.browser.latin import data_texts
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AFTERNOON = datetime(2026, 11, 24, 8, 45, tzinfo=UTC)
"""A quarter to five in Shanghai and to ten in Paris, whose people get what is written in English: both are on shift."""
ACCEPT, CONTACT, QUALIFY = "AcceptLead", "FirstContact", "QualifyLead"


def complete(page: Page) -> None:
    """Complete the open step with its key, from outside any field."""
    page.locator("#work-title").click()
    with page.expect_navigation():
        page.keyboard.press("c")
    expect(page.locator(".note.success").first).to_be_visible()


# A stranger who writes in English, and a customer who writes in Chinese: each finds the person chosen for them.
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_lead_comes_by_the_form_and_is_converted_by_keyboard(house: House, desk: Any, language: str) -> None:
    house.clock.move(AFTERNOON)
    company = "Huadu Dairy" if language == "en" else house.customer().name
    with desk(language=language) as (page, audit):
        page.goto("/contact/")
        audit.look("contact")
        page.fill("[name=contact_name]", "梅琳" if language == "zh-hans" else "Mei Lin")
        page.fill("[name=company]", company)
        page.fill("[name=email]", "mei@huadu.example")
        page.fill("[name=phone]", "+86 138 0000 1111")
        page.fill("[name=message]", "我们需要一条生产线。" if language == "zh-hans" else "We need a line before May.")
        page.locator("[name=message]").press("Tab")
        page.locator("form.card button.primary").press("Enter")
        expect(page.locator(".note.info")).to_be_visible()
        audit.look("thanks")
    house.settle()
    lead = Lead.objects.get()
    instance = house.instance("lead_assignment", "lead", lead.pk)
    assert house.steps(instance) == [ACCEPT]

    seller = lead.owner.username
    task = house[seller].task(instance, ACCEPT)
    with desk(seller, language=language) as (page, audit):
        audit.data = data_texts()
        audit.look("inbox")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/work/{task.pk}/**")
        audit.look("accept")
        page.check("[name=accept_outcome][value=accepted]")
        complete(page)
        house.settle()
        assert house.steps(instance) == [CONTACT]

        page.goto(f"/work/{house[seller].task(instance, CONTACT).pk}/")
        page.keyboard.press("l")
        page.select_option("dialog#log [name=kind]", "call")
        page.fill("dialog#log [name=title]", "打电话给梅琳" if language == "zh-hans" else "Rang Mei Lin")
        with page.expect_navigation():
            page.locator("dialog#log [name=title]").press("Enter")
        logged = Activity.objects.get(regarding_type="lead", regarding_id=lead.pk)
        assert (logged.kind, logged.owner.username) == ("call", seller)
        page.check("[name=contact_result][value=talked]")
        audit.look("first contact")
        complete(page)
        house.settle()
        assert house.steps(instance) == [QUALIFY]

        page.goto(f"/work/{house[seller].task(instance, QUALIFY).pk}/")
        for name, value in (("lead_need", "clear"), ("lead_budget", "approved"),
                            ("lead_authority", "decision_maker"), ("lead_timeline", "3_months")):  # fmt: skip
            page.select_option(f"[name={name}]", value)
        page.check("[name=qualify_outcome][value=convert]")
        audit.look("qualify")
        complete(page)
    house.settle()

    lead.refresh_from_db()
    instance.refresh_from_db()
    assert (lead.status, instance.outcome) == ("converted", "completed")
    opportunity = Opportunity.objects.get(lead=lead)
    assert opportunity.owner.username == seller
    assert house.steps(house.instance("opportunity_stages", "opportunity", opportunity.pk)) == ["Qualify"]

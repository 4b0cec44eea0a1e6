"""Somebody goes away in a real browser: enters it, the substitute does a task, and it says who did it for whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.latin import data_texts
from tests.stories.house import House
from tests.stories.test_lead_assignment import arrives

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {"en": ("Standing in for", "%s for %s did"), "zh-hans": ("代理", "%s（代%s）")}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 360)])
def test_an_absence_is_entered_and_the_substitute_does_the_work(house: House, desk: Any, language: str, width: int) -> None:
    chinese = {"company": "华都乳业", "contact_name": "梅琳", "message": "五月前需要一条生产线。"}
    lead, instance = arrives(house, **(chinese if language == "zh-hans" else {}))
    lead.refresh_from_db()
    seller = lead.owner.username
    substitute = next(name for name in ("li.na", "wang.li", "sun.hao") if name != seller)
    task = house[seller].task(instance, "AcceptLead")
    today = house.clock.now().date()

    with desk(seller, language=language, width=width) as (page, audit):
        audit.data = data_texts()
        page.goto("/absence/")
        audit.look("absence")
        page.fill("[name=first]", today.isoformat())
        page.fill("[name=last]", (today + timedelta(days=3)).isoformat())
        page.select_option("[name=substitute]", str(house[substitute].user.pk))
        page.fill("[name=note]", "休假" if language == "zh-hans" else "Leave")
        page.locator("form .btn.primary").first.click()
        expect(page.locator(".note.success")).to_be_visible()
        audit.look("absence entered")

    with desk(substitute, language=language, width=width) as (page, audit):
        audit.data = data_texts()
        page.goto("/inbox/")
        page.locator(".seg a", has_text=WORDS[language][0]).click()
        audit.look("standing in")
        page.goto(f"/work/{task.pk}/?box=standing_in")
        audit.look("work in the stead")
        page.check("[name=accept_outcome][value=accepted]")
        page.locator("[data-complete]").click()
        expect(page.locator(".note.success").first).to_be_visible()
    task.refresh_from_db()
    assert (task.completed_by.username, task.completed_for.username) == (substitute, seller)

    with desk("zhou.jie", language=language, width=width) as (page, audit):
        audit.data = data_texts()
        page.goto(reverse("redraw:instance", args=[instance.pk]))
        people = house[substitute].user.shown_name(language), house[seller].user.shown_name(language)
        expect(page.locator("body")).to_contain_text(WORDS[language][1] % people)
        audit.look("story")
        page.goto("/absence/people/")
        audit.look("absent people")
        page.goto(f"/absence/people/{house[seller].user.pk}/")
        audit.look("open work")

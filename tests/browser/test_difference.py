"""Two versions side by side in a real browser: the list and both drawings belong together."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from crm_core.kernel.models import User
from processes.bpmn import parse
from processes.bpmn.edit import rename
from processes.catalog.models import ProcessVersion
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/processes/lead_assignment/difference/"


@pytest.fixture
def redrawn(house: House) -> House:
    """A draft of the lead assignment in which the last step has another name."""
    old = ProcessVersion.objects.get(definition__key="lead_assignment")
    bpmn = rename(parse(old.bpmn), "QualifyLead", "Judge the lead").source.decode()
    ProcessVersion.objects.create(
        definition=old.definition, number=2, bpmn=bpmn, forms=old.forms, notes=old.notes, created_by=User.objects.get(username="gao.jing")
    )
    return house


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 360)])
def test_a_line_of_the_list_brings_its_element_into_view(redrawn: House, desk: Any, language: str, width: int) -> None:
    with desk("gao.jing", language=language, width=width) as (page, audit):
        page.goto(PAGE)
        page.evaluate("for (const frame of document.querySelectorAll('[data-drawing]')) frame.scrollTo(0, 0)")
        page.locator("[data-show=QualifyLead]").click()

        shown = page.locator("[data-drawing] .rd-shown")
        expect(shown).to_have_count(2)
        expect(shown.last).to_be_in_viewport()
        audit.look(f"difference-{width}")

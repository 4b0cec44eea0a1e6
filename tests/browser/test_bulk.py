"""Many failed steps are tried again at once, and the page shows how far it is until it tells what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from processes import actions, api
from processes.actions import Action, ActionCall
from processes.catalog.models import ProcessDefinition
from processes.errors import ProcessError
from processes.runtime import starting
from processes.runtime.models import Task
from tests.browser.latin import data_texts
from tests.processes.publication.drawing import user_task
from tests.processes.runtime.engine_room import publish, service
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHINESE = '<redraw:label lang="zh-hans">打印</redraw:label>'
MANY = 60
"""More than one part of the background's work."""


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 360)])
def test_failed_steps_of_many_are_tried_again_with_progress(house: House, desk: Any, settings: Any, language: str, width: int) -> None:
    settings.PROCESS_EAGER = False  # the work is left to `drain`, as it is to the workers in the product
    paper: list[bool] = []

    def printed(call: ActionCall) -> None:
        if not paper:
            raise ProcessError("The printer is out of paper.")

    with actions.temporarily(Action("test.print", printed)):
        step = service("test.print", retries="0").replace("<redraw:action", f"{CHINESE}<redraw:action")
        version = publish(step, user_task("After", role="sales_manager"), key="printing", process=CHINESE)
        ProcessDefinition.objects.filter(key="printing").update(titles={"en": "Printing", "zh-hans": "打印"})
        for _n in range(MANY):
            starting.start_version(version, data={})
        house.settle()
        assert Task.objects.incidents().count() == MANY
        paper.append(True)

        with desk("gao.jing", language=language, width=width) as (page, audit):
            audit.data = data_texts()
            page.goto("/processes/running/?process=printing&state=incident")
            audit.look("running")
            page.check("#bulk [value=all]")
            with page.expect_navigation(url="**/processes/bulk/*/"):
                page.click("#bulk [value=retry]")
            expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
            audit.look("progress")
            api.drain()
            expect(page.get_by_role("progressbar")).to_have_count(0, timeout=10_000)  # the page has seen that it is over
            expect(page.locator(".lead")).to_contain_text(str(MANY))
            audit.look("outcome")

    assert not Task.objects.incidents().exists()
    assert Task.objects.open().filter(node_id="After").count() == MANY

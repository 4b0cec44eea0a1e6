"""An owner in the studio, before a real browser: drawing, mending, two at once, a browser that dies, hostile files."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from processes import api
from processes.bpmn import parse
from processes.catalog.models import DraftRevision, ProcessVersion
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEY = "opportunity_stages"
OWNER, OTHER = "gao.jing", "admin"


def open_studio(page: Page, key: str = KEY) -> None:
    """From the page of the process into its draft, with the button."""
    page.goto(f"/processes/{key}/")
    page.locator(f"form[action='/processes/{key}/redraw/'] button").click()
    expect(page.locator("html.studio-ready")).to_be_attached(timeout=20_000)


def choose(page: Page, element: str) -> None:
    """Click an element of the drawing."""
    page.locator(f"[data-element-id='{element}'] .djs-hit").first.click()


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    page.wait_for_function("() => window.studioDraft.isSaved()")


def draft(key: str = KEY) -> ProcessVersion:
    return ProcessVersion.objects.filter(definition__key=key, state="draft").get()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_owner_adds_an_approval_is_told_what_is_wrong_and_mends_it(house: House, desk: Any, language: str) -> None:
    with desk(OWNER, language=language) as (page, audit):
        open_studio(page)
        audit.look("studio")
        choose(page, "Negotiate")
        page.locator("[data-step=approve]").press("Enter")
        problem = page.locator("#problems .problem.error").first
        expect(problem).to_be_visible()
        saved(page)
        audit.look("studio with an error")
        new = next(node for node in parse(draft().bpmn).nodes.values() if node.name in ("Approve", "审批"))
        assert page.locator(".pmark.red.on-element").count() == 1

        problem.get_by_role("button").last.click()
        page.locator("#tab-who").click()
        page.locator("[data-field=role] input").fill("sales_manager")
        page.locator("[data-field=role] input").press("Tab")
        page.keyboard.press("Escape")
        saved(page)
        assert parse(draft().bpmn).nodes[new.id].task.role == "sales_manager"

        page.locator("#undo").click()
        page.locator("#undo").click()
        expect(page.locator("#problems .problem.error")).to_have_count(0)
        saved(page)
        assert new.id not in parse(draft().bpmn).nodes


def test_a_drawing_that_is_opened_and_changed_in_one_place_is_changed_there_alone(house: House, desk: Any) -> None:
    with desk(OWNER, language="zh-hans") as (page, _audit):
        open_studio(page)
        before = draft().bpmn
        choose(page, "Negotiate")
        page.locator("[data-field=name] textarea").fill("谈条件")
        page.locator("[data-field=name] textarea").press("Tab")
        saved(page)
    after = draft().bpmn

    was, now = (etree.tostring(etree.fromstring(text.encode()), method="c14n").decode().splitlines() for text in (before, after))
    changed = [line for line in difflib.unified_diff(was, now, lineterm="", n=0) if not line.startswith(("---", "+++", "@@")) and "BPMNLabel" not in line]
    assert changed == ['-        <redraw:label lang="zh-hans">谈判</redraw:label>', '+        <redraw:label lang="zh-hans">谈条件</redraw:label>']


def test_two_owners_in_one_draft_are_told_and_both_keep_what_they_did(house: House, desk: Any) -> None:
    with desk(OWNER) as (first, _a):
        open_studio(first)
        api.save_part(
            draft().pk, "drawing", draft().bpmn.replace('name="Negotiate"', 'name="Bargain"'), revision=0, user=house[OTHER].user
        )
        choose(first, "Qualify")
        first.locator("[data-field=name] textarea").fill("Qualify the buyer")
        first.locator("[data-field=name] textarea").press("Tab")
        expect(first.locator("#draft-notes .note")).to_contain_text("Both changes are in it now")
        saved(first)
        expect(first.locator("[data-element-id='Negotiate']")).to_contain_text("Bargain")
    nodes = parse(draft().bpmn).nodes
    assert (nodes["Qualify"].name, nodes["Negotiate"].name) == ("Qualify the buyer", "Bargain")


def test_a_browser_that_dies_before_it_could_save_brings_the_change_back(house: House, desk: Any) -> None:
    with desk(OWNER) as (page, _audit):
        open_studio(page)
        page.route("**/drafts/*/part/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        choose(page, "Qualify")
        page.locator("[data-field=name] textarea").fill("Qualify the buyer")
        page.locator("[data-field=name] textarea").press("Tab")
        expect(page.locator("#draft-state")).to_contain_text("kept in this browser")
        assert parse(draft().bpmn).nodes["Qualify"].name == "Qualify"
        _audit.problems.clear()  # the browser says of its own that the connection failed
        page.close(run_before_unload=False)
        page = page.context.new_page()
        page.goto(f"/processes/{KEY}/studio/")
        expect(page.locator("#draft-notes .note", has_text="is back")).to_be_visible(timeout=15_000)
    assert parse(draft().bpmn).nodes["Qualify"].name == "Qualify the buyer"


def test_who_is_signed_out_while_drawing_is_told_and_loses_nothing(house: House, desk: Any) -> None:
    with desk(OWNER) as (page, _audit):
        open_studio(page)
        cookies = page.context.cookies()
        page.context.clear_cookies(name="sessionid")
        choose(page, "Qualify")
        page.locator("[data-field=name] textarea").fill("Qualify the buyer")
        page.locator("[data-field=name] textarea").press("Tab")
        expect(page.locator("#signed-out")).to_be_visible()
        page.context.add_cookies(cookies)
        expect(page.locator("#signed-out")).to_have_count(0, timeout=20_000)
        saved(page)
    assert parse(draft().bpmn).nodes["Qualify"].name == "Qualify the buyer"


HOSTILE = '<img src=x onerror="window.pwned=1">"><script>window.pwned=1</script>'


def test_script_in_a_drawing_is_shown_as_text(house: House, desk: Any) -> None:
    from xml.sax.saxutils import escape, quoteattr

    version = api.open_draft(KEY, user=house[OWNER].user).version
    text = version.bpmn.replace('name="Negotiate"', f"name={quoteattr(HOSTILE)}").replace(
        "<bpmn:incoming>Flow_WhereToBegin_BeginQualify</bpmn:incoming>",
        f"<bpmn:documentation>{escape(HOSTILE)}</bpmn:documentation><bpmn:incoming>Flow_WhereToBegin_BeginQualify</bpmn:incoming>",
    )
    api.save_part(version.pk, "drawing", text.replace("谈判", escape(HOSTILE)), revision=0, user=house[OWNER].user)
    asked: list[str] = []
    with desk(OWNER) as (page, _audit):
        page.on("request", lambda request: asked.append(request.url))
        open_studio(page)
        choose(page, "Negotiate")
        expect(page.locator("#panel h2")).to_have_text(HOSTILE)
        choose(page, "BeginQualify")
        page.locator("#find").click()
        page.keyboard.type("img")
        page.wait_for_timeout(300)
        assert page.evaluate("() => window.pwned") is None
        here = page.url.split("/processes/")[0]
    assert [url for url in asked if not url.startswith((here, "data:", "blob:"))] == []
    assert not DraftRevision.objects.filter(aside=True).exists()

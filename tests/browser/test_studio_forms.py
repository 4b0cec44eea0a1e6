"""An owner draws a form in the browser: fields of the record, conditions, the preview; nothing of a form is lost or run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processes import api
from processes.catalog.models import ProcessVersion, State
from tests.browser.latin import data_texts
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OWNER = "gao.jing"
KEY = "complaint_handling"
ROOM = f"/processes/{KEY}/forms"
HOSTILE = {
    "type": "default", "id": "hostile", "components": [
        {"type": "textfield", "key": "a", "label": "<img src=//elsewhere.example/x onerror=alert(1)>", "description": "<script>alert(1)</script>"},
        {"type": "select", "key": "s", "label": "S", "values": [{"label": "<b>one</b>", "value": "</textarea><script>alert(1)</script>"}]},
        {"type": "html", "content": "<img src=//elsewhere.example/y onerror=alert(1)>"},
        {"type": "iframe", "url": "https://elsewhere.example/"}, {"type": "image", "source": "https://elsewhere.example/z.png"},
        {"type": "text", "text": "[x](javascript:alert(1)) ![y](https://elsewhere.example/w.png)"},
        {"type": "dynamiclist", "components": [{"type": "button", "action": "submit"}]}, "no component at all", None,
    ],
}  # fmt: skip


@pytest.fixture
def owner(house: House) -> Any:
    """Who answers for the process, with its draft open."""
    person = house[OWNER].user
    api.open_draft(KEY, user=person)
    return person


def stored(form: str) -> Any:
    """The form as the draft has it."""
    return ProcessVersion.objects.get(definition__key=KEY, state=State.DRAFT).forms[form]


def opened(page: Any, form: str) -> None:
    """The page of a form, ready to be drawn on. Nobody else is there, so the page need not ask who is: on SQLite in
    memory the threads of the server share one connection."""
    alone = json.dumps({"revision": 0, "others": []})
    page.route("**/pulse/**", lambda route: route.fulfill(body=alone, content_type="application/json"))
    assert page.goto(f"{ROOM}/{form}/").status == 200
    page.wait_for_selector("html.studio-ready")


def saved(page: Any) -> None:
    """Wait until the server has everything."""
    page.evaluate("() => studioForm.draft.flush()")
    page.wait_for_function("() => studioForm.draft.isSaved()")


def field(page: Any, path: str) -> Any:
    """What is said of the chosen field at a place."""
    return page.locator(f"#panel [data-at='{path}']")


def test_an_owner_adds_a_field_of_the_record_with_a_condition_and_looks_at_it(owner: Any, desk: Any) -> None:
    with desk(OWNER) as (page, audit):
        opened(page, "review_answer")
        before = stored("review_answer")

        # A field of the record, from the list, by keyboard.
        page.get_by_label("Find a field of the record").fill("severity")
        page.locator("#palette-fields .fp-entry[data-bind='case.severity']").press("Enter")
        assert page.locator("#panel h2").inner_text() == "Severity"
        assert page.locator(".fd-canvas .fjs-editor-selected").inner_text().startswith("Severity")

        # A condition with a mistake is told under the field and at the field, and a name is offered.
        condition = field(page, "conditional/hide")
        condition.press_sequentially("case.prio")
        page.wait_for_selector("#panel .feel-said:text('has no field')")
        condition.fill("")
        condition.press_sequentially("case.seve")
        page.locator(".feel-popup [role=option]", has_text="severity").first.wait_for()
        condition.press("Enter")
        assert condition.input_value() == "case.severity"
        condition.press_sequentially(" = ")
        page.wait_for_selector("#panel .feel-said:text('ends too early')")
        page.wait_for_selector(".fd-canvas .ff-wrong")
        audit.look("a form with a mistake")
        condition.press_sequentially('"cr')
        condition.press("Enter")
        assert condition.input_value() == 'case.severity = "critical"'
        page.wait_for_selector(".fd-canvas .ff-wrong", state="detached")

        # Required, and help in both languages.
        page.get_by_label("Always needed").check()
        field(page, "description").fill("As it is now")
        field(page, "properties/description:zh-hans").fill("目前的程度")
        saved(page)
        made = stored("review_answer")["components"][-1]
        assert {name: made[name] for name in ("type", "key", "conditional", "validate")} == {
            "type": "select", "key": "severity", "conditional": {"hide": '= case.severity = "critical"'}, "validate": {"required": True},
        }  # fmt: skip
        assert made["properties"]["bind"] == "case.severity"
        assert made["values"][0]["properties"]["label:zh-hans"]
        assert stored("review_answer") == {**before, "components": [*before["components"], made]}

        # Move it up, copy it, take the copy away, undo; by the buttons and by the keyboard.
        page.locator(".fpp-acts").get_by_role("button", name="Move up").click()
        page.get_by_role("button", name="Copy this field").click()
        saved(page)
        assert [one.get("key") for one in stored("review_answer")["components"]][-3:] == ["severity", "severity_2", before["components"][-1].get("key")]
        page.locator("#undo").click()
        saved(page)
        assert [one.get("key") for one in stored("review_answer")["components"]].count("severity_2") == 0

        # As it will be met: at a telephone's width, in both languages, and tried.
        page.get_by_role("tab", name="Preview").click()
        page.locator(".fd-switch label", has_text="Telephone").click()
        frame = page.frame("preview")
        frame.get_by_text("As it is now").wait_for()
        assert page.locator("iframe").bounding_box()["width"] == 362  # with its border
        assert frame.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        frame.locator("select[name=severity]").select_option("")
        frame.get_by_role("button", name="Try").click()
        frame.locator("#e-severity").wait_for()
        audit.look("preview")
        page.locator(".fd-switch label", has_text="中文").click()
        frame.get_by_text("目前的程度").wait_for()
        assert frame.evaluate("() => document.documentElement.lang") == "zh-hans"


def a_field_is_dragged_where_it_belongs(page: Any) -> None:
    """From the palette before the first field; and the mark of bpmn.io stays in sight."""
    opened(page, "ask_department")
    before = stored("ask_department")["components"]
    entry = page.locator("#palette-fields .fp-entry[data-field-type=number]").first.bounding_box()
    first = page.locator(".fd-canvas .fjs-layout-row .fjs-element").first.bounding_box()
    page.mouse.move(entry["x"] + 20, entry["y"] + 10)
    page.mouse.down()
    page.mouse.move(entry["x"] + 60, entry["y"] + 14, steps=4)
    page.mouse.move(first["x"] + 80, first["y"] + 4, steps=10)
    page.wait_for_selector(".fd-canvas .gu-transit")
    page.mouse.up()
    page.wait_for_selector("#panel h2:text('New field')")
    saved(page)
    assert stored("ask_department")["components"][1:] == before
    assert stored("ask_department")["components"][0]["type"] == "number"
    mark = page.locator(".fd-canvas .fjs-powered-by-link")
    mark.scroll_into_view_if_needed()
    assert mark.is_visible()


def test_nothing_of_a_form_is_lost_or_run(owner: Any, desk: Any) -> None:
    every = [schema for version in ProcessVersion.objects.exclude(state=State.DRAFT) for schema in version.forms.values()]
    draft = api.open_draft(KEY, user=owner)
    api.save_part(draft.version.pk, "form:hostile", json.dumps(HOSTILE), revision=0, user=owner)
    asked: list[str] = []
    with desk(OWNER) as (page, audit):
        audit.name = "hostile"
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: audit.problems.append(f"a script of the form ran: {dialog.message}"))
        opened(page, "hostile")
        for schema in [*every, HOSTILE, {"components": []}, {"type": "default"}]:
            text = page.evaluate("async (text) => { await studioForm.open(text); return studioForm.read(); }", json.dumps(schema))
            assert text == json.dumps(json.loads(json.dumps(schema)), ensure_ascii=False, indent=2) or json.loads(text) == schema
            assert list(json.loads(text)) == list(schema)
        page.evaluate("(text) => studioForm.open(text)", json.dumps(HOSTILE))
        for row in range(3):
            page.locator(".fd-canvas .fjs-layout-row .fjs-element").nth(row).click()
        assert "<img src=//elsewhere" in page.locator(".fd-canvas").inner_text()
        page.get_by_role("tab", name="Preview").click()
        page.frame("preview").get_by_role("button", name="Try").wait_for()
        saved(page)
        a_field_is_dragged_where_it_belongs(page)
    assert len(every) > 30
    assert stored("hostile") == HOSTILE
    assert [url for url in asked if "elsewhere" in url] == []


def test_the_pages_speak_chinese_and_hold_on_a_desk_and_on_a_telephone(owner: Any, desk: Any) -> None:
    data = data_texts()
    for width in (1280, 360):
        with desk(OWNER, language="zh-hans", width=width) as (page, audit):
            audit.data = data
            audit.name = "forms"
            page.goto(f"{ROOM}/")
            audit.look("forms")
            opened(page, "investigate")
            audit.look("a form")
            rows = page.locator(".fd-canvas .fjs-layout-row .fjs-element")
            for row in (0, 5, 6):
                rows.nth(row).click()
                page.evaluate("() => document.querySelectorAll('#panel details').forEach((one) => (one.open = true))")
                audit.look(f"field {row}")
            page.locator("[data-view=preview]").click()
            page.frame("preview").get_by_role("button", name="试填").wait_for()
            audit.look("preview")

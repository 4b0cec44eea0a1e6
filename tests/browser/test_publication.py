"""A change of a process before a real browser: written down, tried on a part, handed in, reviewed by somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from crm_core.kernel.access.standing import forget_standings
from processes import api
from processes.catalog.models import ProcessVersion
from processes.publication.models import ProcessChange
from processes.rehearsal import rooms
from tests.browser.screenshots import sign_in
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEY = "opportunity_stages"
OWNER, OTHER, REVIEWER = "gao.jing", "admin", "zhou.jie"
TEXTS = {"diagnosis": "十个承诺交期中有四个没有兑现。", "measures": "六月前降到十分之一。", "customer_view": "客户得到一个可信的交期。"}


@pytest.fixture
def redrawn(house: House) -> ProcessVersion:
    """A draft in which one step has another name, in a house in which somebody reviews."""
    house[REVIEWER].user.groups.add(Group.objects.get(name="process_reviewer"))
    forget_standings()
    version = api.open_draft(KEY, user=house[OWNER].user).version
    bpmn = version.bpmn.replace('name="Negotiate"', 'name="Bargain"').replace(">谈判<", ">议价<")
    api.save_part(version.pk, "drawing", bpmn, revision=0, user=house[OWNER].user)
    keep_tests(house, version, 0)
    return version


def keep_tests(house: House, version: ProcessVersion, count: int) -> None:
    """So many tests of the published version for the draft, since each takes a while."""
    published = ProcessVersion.objects.get(definition=version.definition_id, state="published").tests
    _text, revision = api.part(version.pk, "tests", user=house[OWNER].user)
    api.save_part(version.pk, "tests", json.dumps(published[:count]), revision=revision, user=house[OWNER].user)


def row() -> ProcessChange:
    return ProcessChange.objects.get(version__definition__key=KEY, version__number=2)


def open_record(page: Page) -> None:
    page.goto(f"/processes/{KEY}/publication/")
    expect(page.locator("html.record-ready")).to_be_attached()


def saved(page: Page) -> None:
    page.wait_for_function("() => window.publicationRecord.isSaved()")


def write_all(page: Page) -> None:
    """The whole record, with a pilot in one branch for a third of the customers."""
    page.locator("#r-title").fill("先问工厂再承诺")
    page.locator("#r-owner").select_option(index=1)
    for name, text in TEXTS.items():
        page.locator(f"#r-{name}").fill(text)
    page.locator("[data-field=training] > details summary").click()
    page.locator("#r-without_training").fill("操作没有变化。")
    page.locator("[name=way][value=pilot]").check()
    page.locator("[data-field=group_branch] summary").click()
    page.locator("[data-field=group_branch] .choice").first.click()
    page.locator("#r-share").fill("30")
    saved(page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_owner_hands_in_a_pilot_and_a_reviewer_agrees(house: House, redrawn: Any, desk: Any, language: str) -> None:
    keep_tests(house, redrawn, 1)
    rooms.make_empty_house()
    with desk(OWNER, language=language) as (page, audit):
        open_record(page)
        expect(page.locator(".rec-pilot")).to_be_hidden()
        expect(page.locator(".rec-submit")).to_be_disabled()
        audit.look("record, empty")
        write_all(page)
        expect(page.locator("[data-live=preview] .note")).to_be_visible()
        expect(page.locator("[data-tests]")).to_have_count(0, timeout=60_000)  # they ran by themselves
        expect(page.locator(".rec-submit")).to_be_enabled()
        audit.look("record, ready")
        page.locator(".rec-submit").click()
        expect(page.locator(".card-head .tag.amber").first).to_be_visible()
        audit.look("record, handed in")
    change = row()
    assert (change.state, change.way, change.share, len(change.choices["branch"])) == ("submitted", "pilot", 30, 1)
    assert change.waived == {"training": "操作没有变化。"}
    api.drain()

    with desk(REVIEWER, language=language) as (page, audit):
        page.goto("/inbox/?box=teams")
        page.get_by_text("先问工厂再承诺").first.click()
        beside = page.locator(".beside")
        expect(beside).to_contain_text("Bargain" if language == "en" else "议价")
        expect(beside).to_contain_text("30 %")
        expect(beside).to_contain_text(TEXTS["diagnosis"])
        expect(beside).to_contain_text("操作没有变化。")
        audit.look("review")
        page.locator("[data-complete]").first.click()
        page.locator("[name=verdict][value=approved]").check()
        page.locator("button[data-complete]").click()
        page.wait_for_load_state("networkidle")
        page.goto(f"/processes/{KEY}/difference/?from=1&to=2")
        expect(page.locator(".diff-list").first).to_contain_text("Bargain" if language == "en" else "议价")
    api.drain()
    assert [one.by for one in row().happenings.filter(what="approved")] == [house[REVIEWER].user]


def test_what_is_wrong_stands_at_its_field_and_is_not_lost_when_the_page_is_left(house: House, redrawn: Any, desk: Any) -> None:
    with desk(OWNER) as (page, audit):
        open_record(page)
        page.locator("[name=way][value=pilot]").check()
        page.locator("#r-share").fill("300")
        expect(page.locator("#e-share")).to_contain_text("from 1 to 100")
        page.locator("#r-title").fill("Saved all the same")
        expect(page.locator("[data-state]")).to_contain_text("Not everything is saved")
        page.wait_for_function("() => !document.querySelector('[data-state]').textContent.includes('Saving')")
        page.reload()
        expect(page.locator("#r-share")).to_have_value("300")
        expect(page.locator("#e-share")).to_contain_text("from 1 to 100")
        page.locator("#r-share").fill("25")
        expect(page.locator("#e-share")).to_be_hidden()
        saved(page)
        audit.problems = [one for one in audit.problems if "422" not in one]
    assert (row().title, row().share) == ("Saved all the same", 25)


def test_two_owners_in_one_field_choose_which_text_stands(house: House, redrawn: Any, desk: Any) -> None:
    with desk(OWNER) as (page, audit):
        open_record(page)
        change = api.prepare_change(redrawn.pk, user=house[OTHER].user)
        api.record_change(change.pk, user=house[OTHER].user, values={"diagnosis": "Theirs.", "measures": "Theirs too."})
        page.locator("#r-diagnosis").fill("Mine.")
        clash = page.locator("[data-field=diagnosis] > [data-clash]")
        expect(clash).to_contain_text("Theirs.")
        expect(clash).to_contain_text("Mine.")
        audit.look("record with a clash")
        clash.locator("[data-take=mine]").click()
        expect(clash).to_be_hidden()
        page.locator("#r-measures").fill("Mine too.")
        other = page.locator("[data-field=measures] > [data-clash]")
        other.locator("[data-take=theirs]").click()
        expect(page.locator("#r-measures")).to_have_value("Theirs too.")
        saved(page)
        audit.problems = [one for one in audit.problems if "409" not in one]
    assert (row().diagnosis, row().measures) == ("Mine.", "Theirs too.")


def test_what_was_typed_while_signed_out_is_kept_and_saved_after_signing_in(house: House, redrawn: Any, desk: Any) -> None:
    with desk(OWNER) as (page, _audit):
        open_record(page)
        cookies = page.context.cookies()
        page.context.clear_cookies(name="sessionid")
        page.locator("#r-diagnosis").fill("Typed while signed out.")
        expect(page.locator("[data-record-notes]")).to_contain_text("kept in this browser")
        assert "Typed while signed out." in page.evaluate("() => JSON.stringify(localStorage)")
        page.context.add_cookies(cookies)
        saved(page)
        expect(page.locator("[data-record-notes]")).to_be_hidden()
        assert page.evaluate("() => localStorage.getItem('redraw-record:' + document.querySelector('[data-record]').dataset.version)") is None
    assert row().diagnosis == "Typed while signed out."


def test_it_works_without_a_script(house: House, redrawn: Any, chromium: Any, live_server: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url, locale="en-GB")
    context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    try:
        page = context.new_page()
        sign_in(page, live_server.url, OWNER)
        page.goto(f"/processes/{KEY}/publication/")
        page.locator("#r-title").fill("Without a script")
        page.locator("[name=way][value=at]").check()
        expect(page.locator("#r-at")).to_be_visible()
        page.locator("#r-at").fill("2001-01-01T09:00")
        page.locator("button.no-script").click()
        expect(page.locator("#e-at")).to_contain_text("This moment has passed")
        expect(page.locator("#r-at")).to_have_value("2001-01-01T09:00")
    finally:
        context.close()
    assert (row().title, row().way, row().at) == ("Without a script", "at", None)

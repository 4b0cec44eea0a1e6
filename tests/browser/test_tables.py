"""A decision redrawn in a real browser: a gap made, seen, filled and tried, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from config.env import BASE_DIR
from processes.catalog.models import DecisionDefinition, DecisionVersion
from tests.browser.audit import Audit
from tests.browser.screenshots import LANGUAGES, WIDTHS
from tests.crm_core.support import branch, person, role
from tests.processes.decision_studio.tables import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = "terms_level"
PICTURES = BASE_DIR / "build" / "screenshots"


@pytest.fixture
def version() -> DecisionVersion:
    return stored(KEY)


@pytest.fixture
def studio(chromium: Browser, live_server: Any, version: DecisionVersion) -> Any:
    """`with studio("en", 1280) as (page, audit)`: who answers for the decision, at its page."""
    owners = role("process_owner", decision_definition={"view": "all"})
    owners.labels = {"en": "Process owner", "zh-hans": "流程负责人"}
    owners.save()
    home = branch("home")
    home.name = "本部"
    home.save()
    owner = person(owners, at=home, display_name="李娜")

    @contextmanager
    def sit(language: str, width: int = 1280) -> Iterator[tuple[Page, Audit]]:
        client = Client()
        client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
        context = chromium.new_context(viewport={"width": width, "height": WIDTHS[width]}, locale=LANGUAGES[language], reduced_motion="reduce", base_url=live_server.url)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([
            {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}, {"name": "django_language", "value": language, "url": live_server.url},
        ])  # fmt: skip
        context.set_default_timeout(15_000)
        page = context.new_page()
        audit = Audit(page, language)
        yield page, audit
        context.close()
        assert audit.problems == [], "\n".join(audit.problems)

    return sit


def cell(page: Page, rule: int, column: int) -> Any:
    """A cell of the open table: inputs and outputs from 0."""
    row = page.locator("[data-canvas] tbody tr").nth(rule - 1)
    return row.locator("td.input-cell, td.output-cell").nth(column).locator(".content-editable:visible").first


def write(page: Page, rule: int, column: int, text: str) -> None:
    cell(page, rule, column).click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def picture(page: Page, name: str, language: str) -> None:
    """For a person to look at: build/screenshots/."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{language}.png", full_page=True)


def open_draft(page: Page) -> None:
    page.goto(f"/decisions/{KEY}/")
    page.locator(".top-tools button.primary").click()
    page.wait_for_selector("[data-canvas] tbody tr")


def saved(page: Page, version: int = 2) -> DecisionVersion:
    """The draft, once the page says that the server has everything."""
    expect(page.locator("#draft-state .icon")).to_have_text("cloud_done", timeout=10_000)
    return DecisionDefinition.objects.get(key=KEY).versions.get(number=version)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_gap_is_made_seen_filled_and_tried(studio: Any, version: DecisionVersion, language: str) -> None:
    with studio(language) as (page, audit):
        page.goto(f"/decisions/{KEY}/")
        audit.look("read")
        picture(page, "decision", language)
        open_draft(page)
        expect(page.locator(".bjs-powered-by").first).to_be_visible()
        page.locator("[data-sheets] button").nth(2).click()
        expect(cell(page, 1, 1)).to_have_text("<= 60")
        write(page, 1, 1, "<= 50")
        gap = page.locator("[data-found] li.warning")
        expect(gap).to_have_count(1)
        expect(gap).to_contain_text("50")
        page.wait_for_timeout(300)
        picture(page, "decision-gap", language)
        audit.look("editor with a gap")

        gap.locator("button.btn").first.click()
        expect(page.locator("[data-canvas] tbody tr")).to_have_count(9)
        assert (cell(page, 9, 0).text_content(), cell(page, 9, 1).text_content()) == ('"A"', "(50..60]")
        write(page, 9, 2, '"none"')
        expect(page.locator("[data-found] li")).to_have_count(0)

        count = len(version.examples)
        page.locator("[data-add-example]").click()
        row = page.locator("[data-examples] tbody tr").nth(count)
        for at, text in enumerate(["Long credit", "5", "30", "0"]):
            row.locator("input").nth(at).fill(text)
        row.locator("select").nth(0).select_option("A")
        row.locator("input").nth(4).fill("55")
        row.locator("td.out select").nth(0).select_option("director")
        expect(row).to_have_class("fails")
        row.locator("td.out select").nth(0).select_option("none")
        expect(row).not_to_have_class("fails")
        expect(row.locator(".icon.ok")).to_be_visible()
        expect(page.locator("[data-rule='9']")).to_contain_text(str(count + 1))
        picture(page, "decision-example", language)
        audit.look("example")

        draft = saved(page)
        assert draft.examples[:-1] == version.examples
        assert draft.examples[-1]["in"] == {"discount": 5, "margin": 30, "faster_days": 0, "customer_class": "A", "credit_days": 55}
        assert "(50..60]" in draft.dmn

        page.goto(f"/decisions/{KEY}/?tab=try&version=2")
        for name, text in {"discount": "5", "margin": "30", "faster_days": "0", "credit_days": "55"}.items():
            page.fill(f"[name='in.{name}']", text)
        page.select_option("[name='in.customer_class']", "A")
        page.locator("form.card button.primary").click()
        expect(page.locator(".dec-steps li")).to_have_count(3)
        picture(page, "decision-try", language)
        audit.look("try")
        page.goto(f"/decisions/{KEY}/?tab=difference&version=2")
        expect(page.locator("tr.changed")).to_have_count(1)
        expect(page.locator("tr.added")).to_have_count(1)
        picture(page, "decision-difference", language)
        audit.look("difference")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_cell_that_cannot_be_read_says_so_in_its_place(studio: Any, language: str) -> None:
    with studio(language) as (page, audit):
        open_draft(page)
        write(page, 1, 0, '"none')
        expect(page.locator("td[data-problem]")).to_have_count(1)
        expect(page.locator("[data-found] li.error")).to_have_count(1)
        audit.look("editor with an error")
        write(page, 1, 0, "none")
        expect(page.locator("[data-found] li.error")).to_contain_text("none")
        write(page, 1, 0, '"none"')
        expect(page.locator("td[data-problem]")).to_have_count(0)
        expect(page.locator("[data-found] li")).to_have_count(0)


def test_every_menu_of_the_editor_is_in_chinese(studio: Any) -> None:
    with studio("zh-hans") as (page, audit):
        open_draft(page)
        for sheet in range(3):
            page.locator("[data-sheets] button").nth(sheet).click()
            for where in ("td.input-cell", "td.output-cell", "th.input-cell", "th.output-cell"):
                page.locator(f"[data-canvas] {where}").first.click(button="right")
                page.wait_for_timeout(200)
                audit.look(f"menu at {where} of {sheet}")
                page.keyboard.press("Escape")
                page.locator("[data-canvas] .decision-table-name").first.click()
            page.locator("[data-canvas] th.input-cell").first.dblclick()
            page.wait_for_timeout(200)
            audit.look(f"head of {sheet}")
            page.keyboard.press("Escape")
        page.locator("[data-sheets] button").nth(3).click()
        page.wait_for_selector("[data-canvas] svg")
        picture(page, "decision-diagram", "zh-hans")
        audit.look("diagram")


def test_what_two_people_change_is_joined(studio: Any) -> None:
    with studio("en") as (mine, _audit), studio("en") as (theirs, _other):
        open_draft(mine)
        theirs.goto(f"/decisions/{KEY}/?version=2")
        theirs.wait_for_selector("[data-canvas] tbody tr")
        write(theirs, 1, 2, '"finance"')
        saved(theirs)
        theirs.wait_for_timeout(2_000)
        write(mine, 6, 2, '"none"')
        expect(mine.locator("#draft-notes .note").first).to_be_visible(timeout=10_000)
        expect(cell(mine, 1, 2)).to_have_text('"finance"')
        expect(cell(mine, 6, 2)).to_have_text('"none"')
        saved(mine)


def test_scripts_in_a_table_are_text(studio: Any, version: DecisionVersion) -> None:
    hostile = "&lt;img src=x onerror=window.taken=1&gt;"
    dmn = version.dmn.replace('label="Credit"', f'label="{hostile}"').replace("<text>Paid reliably for years</text>", f"<text>{hostile}</text>")
    dmn = dmn.replace(">Who decides about the terms<", f">{hostile}<").replace('<text>"none"</text>', f'<text>"{hostile}"</text>', 1)
    assert dmn.count(hostile) == 4
    stored(KEY, state="draft", dmn=dmn)
    asked: list[str] = []
    with studio("en") as (page, _audit):
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"/decisions/{KEY}/?version=2")
        page.wait_for_selector("[data-canvas] tbody tr")
        for sheet in range(4):
            page.locator("[data-sheets] button").nth(sheet).click()
            page.wait_for_timeout(400)
        page.locator("[data-sheets] button").nth(2).click()
        expect(page.locator("td.annotation").first).to_contain_text("<img src=x")
        assert page.evaluate("window.taken") is None
        own = page.evaluate("location.origin")
        assert [url for url in asked if not url.startswith((own, "data:"))] == []


def test_what_was_typed_when_the_browser_died_is_offered_again(studio: Any) -> None:
    with studio("en") as (page, audit):
        open_draft(page)
        page.wait_for_timeout(500)
        page.route("**/save/**", lambda route: route.abort())
        write(page, 1, 2, '"finance"')
        expect(page.locator("#draft-state")).to_contain_text("kept in this browser")
        page.unroute("**/save/**")
        audit.problems.clear()  # the browser tells of what was cut off
        page.goto("about:blank")
        page.wait_for_timeout(3_500)  # a page that has just been left may still be saving
        page.goto(f"/decisions/{KEY}/?version=2")
        expect(page.locator("#draft-notes .note").first).to_be_visible(timeout=15_000)
        expect(cell(page, 1, 2)).to_have_text('"finance"')
        assert '"finance"' in saved(page).dmn


def test_a_table_of_a_thousand_rules_opens_in_time(studio: Any, version: DecisionVersion) -> None:
    start = version.dmn.rindex("<rule ", 0, version.dmn.index("</decisionTable>"))
    end = version.dmn.index("</rule>", start) + len("</rule>")
    rule = version.dmn[start:end]
    rules = "".join(rule.replace('id="', f'id="n{at}_') for at in range(1000))
    stored(KEY, state="draft", dmn=version.dmn[:start] + rules + version.dmn[end:])
    with studio("en") as (page, _audit):
        metrics = page.context.new_cdp_session(page)
        metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
        answer = page.goto(f"/decisions/{KEY}/?version=2")
        assert answer is not None
        page.wait_for_selector("[data-canvas] tbody tr")
        busy = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}["TaskDuration"]
        assert page.locator("[data-canvas] tbody tr").count() == 1005
        server = answer.request.timing["responseEnd"] / 1000
        print(f"{server:.1f} s until the answer was there, {busy:.1f} s of the browser's processor")
        assert busy < 3  # of the processor, so that a busy machine does not count

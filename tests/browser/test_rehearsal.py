"""An owner rehearses a deal in a real browser: the form asks for what an answer needs, the clock is moved, a test is kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from config.env import BASE_DIR
from processes.catalog import selectors as catalog
from processes.catalog.services import save_draft_version
from processes.rehearsal import rooms
from tests.browser.conftest import Desk
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUT = BASE_DIR / "build" / "screenshots"
KEY = "opportunity_stages"


def test_a_draft_is_rehearsed_and_kept_as_a_test(house: House, desk: Desk) -> None:
    rooms.make_empty_house()
    OUT.mkdir(parents=True, exist_ok=True)
    owner = house["gao.jing"].user
    published = catalog.current_version(KEY)
    draft = save_draft_version(key=KEY, bpmn=published.bpmn, forms=published.forms, user=owner)
    for language, width, words in (("en", 1280, ENGLISH), ("zh-hans", 360, CHINESE)):
        with desk("gao.jing", language=language, width=width) as (page, audit):
            page.goto(f"/processes/{KEY}/rehearse/")
            page.screenshot(path=OUT / f"rehearsals-{width}-{language}.png", full_page=True)
            audit.look(f"rehearsals-{width}")
            page.get_by_role("button", name=re.compile(rf"{words['begin']}$")).click()
            expect(page.get_by_text(words["unreal"])).to_be_visible()
            page.get_by_label(words["lost"], exact=True).check()
            expect(page.get_by_label(re.compile(words["why"]))).to_be_visible()
            page.screenshot(path=OUT / f"rehearsal-{width}-{language}.png", full_page=True)
            audit.look(f"rehearsal-{width}")
            page.get_by_label(re.compile(words["why"])).select_option("price")
            page.get_by_role("button", name=re.compile(words["complete"])).click()
            expect(page.get_by_text(words["ended"])).to_be_visible()
            page.get_by_label(words["name"]).fill(f"Lost {language}")
            page.get_by_role("button", name=words["record"]).click()
            page.screenshot(path=OUT / f"rehearsal-ended-{width}-{language}.png", full_page=True)
            page.get_by_role("link", name=re.compile(words["decisions"])).first.click()
            page.screenshot(path=OUT / f"rehearsal-decisions-{width}-{language}.png", full_page=True)
            audit.look(f"rehearsal-decisions-{width}")
            page.goto(f"/processes/{KEY}/tests/?version={draft.number}")
            page.get_by_role("button", name=words["run"]).click()
            expect(page.get_by_text(words["hold"])).to_be_visible()
            page.get_by_text(f"Lost {language}").first.click()
            page.screenshot(path=OUT / f"tests-{width}-{language}.png", full_page=True)
            audit.look(f"tests-{width}")
    draft.refresh_from_db()
    assert [test["name"] for test in draft.tests] == ["Lost en", "Lost zh-hans"]


ENGLISH = {
    "begin": "Begin", "unreal": "nothing here is real", "lost": "Lost", "why": "Why lost", "complete": "Complete as",
    "ended": "It ended with “Lost”.", "name": "Name of the test", "record": "Record as test", "decisions": "Decisions",
    "run": "Run all", "hold": "All tests hold.",
}  # fmt: skip
CHINESE = {
    "begin": "开始", "unreal": "这里的一切都不是真的", "lost": "丢单", "why": "丢单原因", "complete": "身份完成",
    "ended": "以“丢单”结束。", "name": "测试名称", "record": "录制为测试", "decisions": "决策", "run": "全部运行", "hold": "全部测试通过。",
}  # fmt: skip

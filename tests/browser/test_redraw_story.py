"""The whole round in one sitting: an owner asks for a yes to discounts over 20 %, tries it, has it approved and published,
and a deal that begins afterwards takes the new step while an older one does not. In at most 60 actions, without a reload."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from crm_core.sales.models import Opportunity
from crm_core.sales.services import open_opportunity
from processes.bpmn import parse
from processes.catalog.models import ProcessVersion
from processes.publication.models import ProcessChange
from processes.rehearsal import rooms
from processes.runtime.models import ProcessInstance
from tests.browser.latin import data_texts
from tests.stories.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KEY, OWNER, REVIEWER, SELLER, MANAGER = "opportunity_stages", "gao.jing", "shao.yun", "li.na", "zhou.jie"
MOST_ACTIONS = 60
LIKE = "Won through all five stages"
"""The shipped test whose answers fill in what is not of interest."""

POINT = """([id, share]) => {
  const path = document.querySelector(`.djs-container > svg .viewport [data-element-id='${id}'] .djs-hit`);
  const at = path.getPointAtLength(path.getTotalLength() * share).matrixTransform(path.getScreenCTM());
  return [at.x, at.y];
}"""
"""Where on the screen a flow is, at a share of its length."""
WORDS = {
    "en": {
        "gate": "Discount over 20 %?", "step": "Approve the discount", "field": "Discount, %", "test": "A deep discount is looked at",
        "record": ["Ask before deep discounts", "Four of ten deals are sold below the limit.",
        "Under one of ten, by June.", "Gets an answer within a day.", "Half an hour for sellers."],
    },
    "zh-hans": {
        "gate": "折扣超过20%？", "step": "审批折扣", "field": "折扣（%）", "test": "高折扣需经审批",
        "record": ["高折扣先审批", "十笔商机有四笔低于底价成交。", "六月前降到一成以下。", "一天内得到答复。", "销售培训半小时。"],
    },
}  # fmt: skip


class Hands:
    """What a person does at a page, counted: a click, a key, a field filled in."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, what: str | Locator) -> None:
        self._of(what).click()
        self.actions += 1

    def enter(self, what: str | Locator) -> None:
        self._of(what).press("Enter")
        self.actions += 1

    def fill(self, what: str | Locator, text: str) -> None:
        found = self._of(what)
        found.fill(text)
        found.press("Tab")
        self.actions += 1

    def select(self, what: str, label: str) -> None:
        self.page.locator(what).select_option(label=label)
        self.actions += 1

    def click_flow(self, flow: str, share: float) -> None:
        x, y = self.page.evaluate(POINT, [flow, share])
        self.page.mouse.click(x, y)
        self.actions += 1

    def _of(self, what: str | Locator) -> Locator:
        return self.page.locator(what) if isinstance(what, str) else what


def begun(house: House) -> tuple[Opportunity, ProcessInstance]:
    """A deal of a salesperson in Shanghai."""
    account = next(house.customer(n) for n in range(20) if house.company.accounts[n].branch == "shanghai")
    user = house[SELLER].user
    deal = open_opportunity(name="Sorting line", account=account, owner=user, amount=300_000, source="customer", by=user)
    house.settle()
    return deal, house.instance(KEY, "opportunity", deal.pk)


def negotiated(house: House, instance: ProcessInstance, **more: str) -> None:
    """The deal goes its way up to the end of the negotiation."""
    day = {n: (house.clock.now() + timedelta(days=n)).date().isoformat() for n in (5, 30)}
    for step, answers in (
        ("Qualify", {"pain": "Belt slips", "champion": "Plant manager", "budget_confirmed": "true", "stage_outcome": "advance"}),
        ("Understand", {"decision_criteria": "Price", "decision_process": "The board signs", "stage_outcome": "advance"}),
        ("Propose", {"economic_buyer_met": "true", "technical_fit": "yes", "stage_outcome": "advance", "override_reason": "Quote is out"}),
        ("ApproveMove", {"move_decision": "approved"}),
        ("Negotiate", {"mutual_plan_date": day[30], "stage_outcome": "advance", **more}),
    ):
        who = MANAGER if step == "ApproveMove" else SELLER
        steps = {} if step == "ApproveMove" else {"next_step": "Visit the site", "next_step_date": day[5], "expected_close": day[30]}
        house[who].does(instance, step, **steps, **answers)
        house.settle()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_owner_redraws_a_process_and_what_begins_from_then_on_runs_on_it(house: House, desk: Any, language: str) -> None:
    rooms.make_empty_house()
    words = WORDS[language]
    _deal, old = begun(house)
    with desk(OWNER, language=language) as (page, audit):
        audit.data = data_texts()
        owner = Hands(page)
        page.goto(f"/processes/{KEY}/")
        draws(owner, words)
        asks_for_the_discount(owner, words)
        rehearses(owner, words)
        hands_in(owner, words, house[OWNER].user.shown_name(language))
        audit.look("publication, handed in")
    house.settle()
    with desk(REVIEWER, language=language) as (page, audit):
        audit.data = data_texts()
        reviewer = Hands(page)
        approves(reviewer)
    assert owner.actions + reviewer.actions <= MOST_ACTIONS, (owner.actions, reviewer.actions)
    house.settle()

    version = ProcessVersion.objects.get(definition__key=KEY, state="published")
    assert version.number == 2
    assert version.tests[-1]["name"] == words["test"]
    change = ProcessChange.objects.get(version=version)
    assert (change.state, change.author, change.measures) == ("published", house[OWNER].user, words["record"][2])
    _deal, new = begun(house)
    negotiated(house, new, discount="25")
    negotiated(house, old)
    step = next(node.id for node in parse(version.bpmn).nodes.values() if node.name == words["step"] or words["step"] in node.labels.values())
    assert (new.version.number, house.steps(new)) == (2, [step])
    assert (old.version.number, house.steps(old)) == (1, ["Close"])
    with desk(MANAGER, language=language) as (page, audit):
        audit.data = data_texts()
        page.goto(f"/work/{house[MANAGER].task(new, step).pk}/")
        expect(page.locator("#work-title")).to_have_text(words["step"])
        audit.look("the new step")


def draws(hands: Hands, words: Any) -> None:
    """The choice, the approval with its form, and the mends that the problem list offers."""
    page = hands.page
    hands.click(f"form[action='/processes/{KEY}/redraw/'] button")
    expect(page.locator("html.studio-ready")).to_be_attached(timeout=20_000)
    hands.click("#zoom-fit")
    hands.click_flow("Flow_Negotiate_NoteCompetitor", 0.3)
    hands.enter("[data-step=choice]")
    hands.fill("[data-field=name] textarea", words["gate"])
    hands.enter("[data-step=approve]")
    hands.fill("[data-field=name] textarea", words["step"])
    hands.click("#tab-who")
    hands.fill("[data-field=role] input", "sales_manager")
    hands.click("#tab-form")
    hands.click("[data-field=new-form-approval] button")
    expect(page.locator("[data-field=form] select")).to_have_value("approve_the_discount" if "Approve" in words["step"] else "form")

    problems = page.locator("#problems .problem.error")
    expect(problems).to_have_count(3)
    hands.click(page.locator("[data-code=without_outgoing] button").first)
    expect(problems).to_have_count(2)
    hands.click(page.locator("[data-code=flow_without_condition]", has_text=words["step"]).get_by_role("button").last)
    hands.fill("[data-field=condition] textarea", "discount != null and discount > 20")
    expect(problems).to_have_count(1)
    hands.click(problems.get_by_role("button").first)
    expect(problems).to_have_count(0)
    page.wait_for_function("() => window.studioDraft.isSaved()")


def asks_for_the_discount(hands: Hands, words: Any) -> None:
    """A field of the form of the negotiation that says it."""
    page = hands.page
    hands.click(f"a[href='/processes/{KEY}/forms/']")
    hands.click(f"a[href='/processes/{KEY}/forms/negotiate/']:not(.btn)")
    expect(page.locator("html.studio-ready")).to_be_attached(timeout=20_000)
    hands.enter("#palette-fields [data-field-type=number]:not([data-bind])")
    hands.fill("#panel [data-at=label]", words["field"])
    hands.fill("#panel [data-at=key]", "discount")
    page.evaluate("() => studioForm.draft.flush()")
    page.wait_for_function("() => studioForm.draft.isSaved()")


def rehearses(hands: Hands, words: Any) -> None:
    """A deal with a deep discount, step by step, kept as a test."""
    page = hands.page
    hands.click(f"a[href='/processes/{KEY}/studio/']")
    expect(page.locator("html.studio-ready")).to_be_attached(timeout=20_000)
    hands.click(f"a[href='/processes/{KEY}/rehearse/']")
    hands.click("[name=quote_sent]")
    hands.click("form button.primary")
    for _stage in ("Qualify", "Understand", "Propose", "Negotiate"):
        hands.click(page.locator(".rehearse-like a", has_text=LIKE))
        if _stage == "Negotiate":
            hands.fill("[name=discount]", "25")
        hands.click("[data-complete]")
    expect(page.locator("#step-title")).to_have_text(words["step"])
    hands.click(".rehearse-form [type=radio][value=approved]")
    hands.click("[data-complete]")
    hands.fill("#test-name", words["test"])
    hands.click("button[value=record]")
    expect(page.locator(".note.success")).to_be_visible()


def hands_in(hands: Hands, words: Any, owner: str) -> None:
    """The record of the change, kept as it is written."""
    page = hands.page
    hands.click(page.locator(".crumbs a").nth(1))
    hands.click(f"a[href='/processes/{KEY}/publication/']")
    for name, text in zip(("title", "diagnosis", "measures", "customer_view", "training"), words["record"], strict=True):
        hands.fill(f"#r-{name}", text)
    hands.select("#r-owner", owner)
    page.wait_for_function("() => !document.querySelector('[data-waiting]')", timeout=60_000)  # the tests are run by the page
    expect(page.locator(".rec-obstacles li")).to_have_text([])
    hands.click(".rec-submit")
    expect(page.locator(".note.success")).to_be_visible()


def approves(hands: Hands) -> None:
    """Somebody else takes the review from the inbox and agrees."""
    page = hands.page
    page.goto("/inbox/?box=teams")
    hands.click("a.task")
    hands.click("form[action*='/claim/'] button")
    hands.click("[name=verdict][value=approved]")
    hands.click("[data-complete]")
    expect(page.locator(".note.success")).to_be_visible()

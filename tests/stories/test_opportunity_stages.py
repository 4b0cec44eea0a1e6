"""A deal's way, told through the pages: stages by what the buyer did, terms approved beside it, won, lost, stalled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_core.sales.models import Opportunity, Product, Quote
from crm_core.sales.services import draft_quote, open_opportunity, submit_quote
from crm_core.sales.services.quotes import Line
from processes.runtime.models import ProcessInstance, Task
from tests.stories.house import House, Person, text_of

pytestmark = pytest.mark.django_db


def opened(house: House, amount: int = 300_000) -> tuple[Opportunity, ProcessInstance, Person]:
    """A deal of a salesperson in Shanghai with a customer of the house."""
    account = next(
        house.customer(n) for n in range(20) if house.company.accounts[n].branch == "shanghai"
    )
    seller = house["li.na"]
    deal = open_opportunity(name="Sorting line", account=account, owner=seller.user, amount=amount, source="customer", by=seller.user)
    house.settle()
    return deal, house.instance("opportunity_stages", "opportunity", deal.pk), seller


def soon(house: House, days: int) -> str:
    return (house.clock.now() + timedelta(days=days)).date().isoformat()


def step_on(house: House, seller: Person, instance: ProcessInstance, stage: str, **answers: Any) -> None:
    seller.does(instance, stage, stage_outcome="advance", next_step="Visit the site", next_step_date=soon(house, 5),
                expected_close=soon(house, 30), **answers)  # fmt: skip
    house.settle()


def to_proposal(house: House, seller: Person, instance: ProcessInstance) -> None:
    step_on(house, seller, instance, "Qualify", pain="Belt slips", champion="Plant manager", budget_confirmed="on")
    step_on(house, seller, instance, "Understand", decision_criteria="Price, delivery", decision_process="Board signs")


def quoted(house: House, deal: Opportunity, seller: Person, discount: int) -> Quote:
    """A quote over the deal's products, submitted."""
    product = Product.objects.filter(currency="CNY").order_by("pk").first()
    quote = draft_quote(opportunity=deal, lines=[Line(product, quantity=2, discount=discount)], by=seller.user,
                        valid_until=(house.clock.now() + timedelta(days=45)).date())  # fmt: skip
    submit_quote(quote=quote, by=seller.user)
    house.settle()
    quote.refresh_from_db()
    return quote


def test_a_deal_moves_by_what_the_buyer_did_and_is_won(house: House) -> None:
    deal, instance, seller = opened(house)
    assert house.steps(instance) == ["Qualify"]
    seller.does(instance, "Qualify", stage_outcome="advance", next_step="Visit", next_step_date=soon(house, 5),
                expected_close=soon(house, 30))  # fmt: skip
    house.settle()
    assert house.steps(instance) == ["Qualify"], "no pain, no champion: it stays"
    page = text_of(seller.get("redraw:work", seller.task(instance, "Qualify").pk).content.decode())
    assert "还差：" in page, "and says what is missing, in her language"

    to_proposal(house, seller, instance)
    assert house.steps(instance) == ["Propose"]
    quote = quoted(house, deal, seller, discount=2)
    assert quote.status != "blocked"
    step_on(house, seller, instance, "Propose", economic_buyer_met="on", technical_fit="yes")
    step_on(house, seller, instance, "Negotiate", mutual_plan_date=soon(house, 10))
    step_on(house, seller, instance, "Close", order_reference="PO-4711")
    deal.refresh_from_db()
    assert (deal.stage, house.steps(instance)) == ("won", ["HandOver"])
    handover = Task.objects.open().get(process=instance, node_id="HandOver")
    assert handover.due_at is not None


def test_terms_beyond_the_limits_are_decided_by_the_manager_while_the_work_goes_on(house: House) -> None:
    deal, instance, seller = opened(house)
    to_proposal(house, seller, instance)
    quote = quoted(house, deal, seller, discount=12)
    assert quote.status == "blocked"
    terms = ProcessInstance.objects.get(definition__key="terms_approval", subject_id=deal.pk)
    assert (house.steps(terms), house.steps(instance)) == (["Explain"], ["Propose"])
    seller.does(terms, "Explain", terms_reason="They compare with Nordconvey", terms_return="A second line next year",
                terms_otherwise="We lose it")  # fmt: skip
    assert house.steps(terms) == ["ApproveManager"]
    task = Task.objects.open().get(process=terms, node_id="ApproveManager")
    assert seller.claim(task).status_code in (403, 404), "nobody decides on the own request"
    house["zhou.jie"].does(terms, "ApproveManager", decision="approved")
    house.settle()
    quote.refresh_from_db()
    terms.refresh_from_db()
    assert (quote.status != "blocked", terms.outcome, house.steps(instance)) == (True, "completed", ["Propose"])


def test_a_request_that_the_manager_misses_goes_to_the_director(house: House) -> None:
    deal, instance, seller = opened(house)
    to_proposal(house, seller, instance)
    quoted(house, deal, seller, discount=12)
    terms = ProcessInstance.objects.get(definition__key="terms_approval", subject_id=deal.pk)
    seller.does(terms, "Explain", terms_reason="They compare", terms_return="A second line", terms_otherwise="We lose it")
    house.wait(days=2)
    assert house.steps(terms) == ["ApproveDirector"]
    house["han.mei"].does(terms, "ApproveDirector", decision="refused", decision_reason="Too little in return.")
    house.settle()
    assert Quote.objects.get(opportunity=deal).status == "rejected"


def test_a_lost_deal_says_why(house: House) -> None:
    deal, instance, seller = opened(house)
    refused = seller.send(seller.task(instance, "Qualify"), stage_outcome="lost")
    assert refused.status_code == 422
    assert house.steps(instance) == ["Qualify"]
    seller.does(instance, "Qualify", stage_outcome="lost", loss_reason="price")
    house.settle()
    deal.refresh_from_db()
    instance.refresh_from_db()
    assert (deal.stage, deal.loss_reason, instance.is_open) == ("lost", "price", False)


def test_a_deal_that_stands_still_is_looked_at_with_the_manager(house: House) -> None:
    _deal, instance, _seller = opened(house)
    due = Task.objects.open().get(process=instance, node_id="Qualify").due_at
    house.wait_until(due + timedelta(days=30))
    assert "ReviewStalled" in house.steps(instance)
    assert house["zhou.jie"].sees(instance, "ReviewStalled")
    assert not house["deng.rui"].sees(instance, "ReviewStalled"), "another branch's manager has nothing to do with it"

"""A record written in a form ends exactly as one written through its service or an import: compared row by row.

Both ways are gone with the same values; what must differ (keys, numbers, moments of one run) is left out by name.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_core.activities.models import Activity
from crm_core.activities.services import finish_activity, log_activity, plan_activity
from crm_core.integration.definitions import definition
from crm_core.knowledge.models import Article
from crm_core.knowledge.services import revise, write_article
from crm_core.marketing.models import Campaign
from crm_core.marketing.services import plan_campaign, update_campaign
from crm_core.parties.models import Account, AccountTeamMember, Consent, Contact, ContactPoint, Suppression
from crm_core.parties.selectors import is_suppressed
from crm_core.parties.services import (
    add_contact,
    add_point,
    give_consent,
    hand_over,
    open_account,
    suppress,
    update_account,
)
from crm_core.sales.models import Competitor, Lead, Opportunity, Product, Quote
from crm_core.sales.services import (
    assign,
    assign_opportunity,
    draft_quote,
    match_account,
    open_opportunity,
    receive_lead,
    record_competitor,
    revise_quote,
    set_products,
    update_lead,
    update_opportunity,
)
from crm_core.sales.services.quotes import Line
from crm_core.service.models import Case, Entitlement, ServiceLevel
from crm_core.service.services import assign_handler, receive_case, update_case
from processes import api, ports
from tests.crm_core.support import branch, person, role, team
from tests.support.forms import client_of, part, save, shown
from tests.support.rows import make

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

KINDS = ("account", "contact", "consent", "suppression", "lead", "opportunity", "quote", "product", "competitor", "case",
         "entitlement", "article", "campaign", "activity", "segment")  # fmt: skip
OWN = {"id", "number", "version", "customer_token", "payload", "key", "instance_id", "task_id"}
"""Columns that are each row's own. `version` counts writings, and a form writes a row in one go or in two."""


@pytest.fixture
def house(clock):
    """People of Shanghai and Paris who may do everything, and messages caught on their way to processes."""
    everything = role("worker", **dict.fromkeys((*KINDS, "employee", "branch"), dict.fromkeys(("view", "add", "change", "delete"), "all")))
    shanghai, paris = branch("shanghai"), branch("paris")

    class House:
        li = person(everything, of=team("key", shanghai), display_name="Li Na")
        wang = person(everything, of=team("ventes", paris), display_name="Wang Li")

    House.shanghai, House.paris, House.clock = shanghai, paris, clock
    House.account = open_account(name="Huaxin Foods", manager=House.li, branch=shanghai, by=House.li)
    House.product = make(Product, code="P", name="Belt", list_price=Decimal("33.33"), cost=Decimal("20"), delivery_days=21)
    return House


@pytest.fixture
def told(monkeypatch):
    """What was said to processes: names of messages."""
    names: list[str] = []
    monkeypatch.setattr(api, "message", lambda name, **_more: names.append(name))
    return names


def kept(row: Any, *besides: str) -> dict[str, Any]:
    """What stands in the row, without what is its own."""
    values = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in values.items() if name not in OWN | set(besides)}


def rows(manager: Any, *besides: str) -> list[dict[str, Any]]:
    """What stands in the rows of a record."""
    parent = manager.field.attname
    found = [{n: v for n, v in row.items() if n not in OWN | {parent, *besides}} for row in manager.order_by("pk").values()]
    return sorted(found, key=str)


# --- parties -------------------------------------------------------------------------------------------------
COMPANY = {"name": "Société Générale Ltd.", "name_zh": "兴业银行有限公司", "city": "Paris", "website": "https://www.sg.example",
           "founded": 1864, "revenue": "25000.50", "employees": 10, "industry": "finance"}  # fmt: skip


def test_an_account_opened_in_a_form_is_one_opened_by_the_service_and_one_imported(house):
    made = save(house.li, Account, **COMPANY, manager=house.li.pk, branch=house.shanghai.pk)
    served = open_account(**COMPANY, manager=house.li, branch=house.shanghai, by=house.li)
    loaded = definition("accounts").create([{**COMPANY, "revenue": Decimal("25000.50"), "manager": house.li}], house.li)[0]

    assert kept(made) == kept(served) == kept(loaded)
    assert (made.match_key, made.match_key_zh) == ("societegenerale", "兴业银行")
    assert "兴业银行有限公司" in made.search_text


def test_an_account_changed_in_a_form_is_one_changed_by_the_service_and_by_an_import(house):
    one, two, three = (open_account(name=f"Old {n}", manager=house.li, branch=house.shanghai, by=house.li) for n in range(3))

    save(house.wang, Account, one.pk, **COMPANY)
    update_account(account=two, changes=COMPANY, by=house.wang)
    definition("accounts").change(three, {**COMPANY, "revenue": Decimal("25000.50")}, house.wang)

    assert kept(one) == kept(two) == kept(three)
    assert Account.objects.filter(match_key="societegenerale").count() == 3


def test_an_account_handed_over_in_a_form_keeps_its_former_manager_in_the_team(house):
    one, two = (open_account(name=f"Kept {n}", manager=house.li, branch=house.shanghai, by=house.li) for n in range(2))
    for account in (one, two):
        make(AccountTeamMember, account=account, user=house.wang)

    save(house.li, Account, one.pk, manager=house.wang.pk)
    hand_over(account=two, manager=house.wang, by=house.li)

    assert rows(one.team) == rows(two.team)
    assert [member.user for member in one.team.all()] == [house.li]


PERSON = {"name": "Marie Dupont", "title": "Buyer", "email": "Marie@SG.example", "telephone": "+33 1 23 45 67 89", "language": "en"}


def test_a_contact_added_in_a_form_has_points_role_and_keys_like_one_of_the_service_and_of_an_import(house):
    made = save(house.li, Contact, **PERSON, account=house.account.pk, owner=house.li.pk, branch=house.shanghai.pk)
    served = add_contact(**PERSON, account=house.account, by=house.li)
    loaded = definition("contacts").create([{**PERSON, "account": house.account}], house.li)[0]

    for other in (served, loaded):
        assert kept(made) == kept(other)
        assert rows(made.points) == rows(other.points)
        assert rows(made.roles) == rows(other.roles)
    assert {(p.kind, p.preferred) for p in made.points.all()} == {("email", True), ("phone", True)}
    assert set(made.points.values_list("key", flat=True)) == {"marie@sg.example", "123456789"}


def test_a_new_telephone_takes_the_place_of_the_preferred_one_in_a_form_and_in_an_import(house):
    one, two = (add_contact(**PERSON, account=house.account, by=house.li) for _n in range(2))

    save(house.li, Contact, one.pk, telephone="+33 9 99 99 99 99")
    definition("contacts").change(two, {"telephone": "+33 9 99 99 99 99"}, house.li)

    assert kept(one) == kept(two)
    assert rows(one.points) == rows(two.points)
    assert one.points.get(kind="phone").key == "999999999"


def test_a_point_added_in_a_form_has_its_key_and_the_preferred_one_is_the_contacts_address(house):
    one, two = (add_contact(**{**PERSON, "email": ""}, account=house.account, by=house.li) for _n in range(2))

    save(house.li, Contact, one.pk, **part("points", 1, 2, kind="email", value="Second@SG.example", preferred="on", contact=one.pk))
    add_point(contact=two, kind="email", value="Second@SG.example", preferred=True, by=house.li)

    assert rows(one.points) == rows(two.points)
    one.refresh_from_db()
    assert one.email == "Second@SG.example"
    assert "second@sg.example" in one.search_text


def test_the_point_chosen_as_preferred_is_the_only_one_of_its_kind(house):
    contact = add_contact(**PERSON, account=house.account, by=house.li)
    add_point(contact=contact, kind="email", value="private@home.example", by=house.li)
    second = list(contact.points.order_by("pk")).index(contact.points.get(value="private@home.example"))

    save(house.li, Contact, contact.pk, **{f"points-{second}-preferred": "on"})

    assert list(contact.points.filter(kind="email", preferred=True).values_list("value", flat=True)) == ["private@home.example"]
    contact.refresh_from_db()
    assert contact.email == "private@home.example"


def test_a_role_marked_as_the_main_one_moves_the_contact(house):
    contact = add_contact(**PERSON, account=house.account, by=house.li)
    other = open_account(name="Other", manager=house.li, by=house.li)

    save(house.li, Contact, contact.pk, **part("roles", 1, 2, account=other.pk, role="Director", is_main="on", contact=contact.pk))

    contact.refresh_from_db()
    assert contact.account == other
    assert {(r.account, r.is_main) for r in contact.roles.all()} == {(house.account, False), (other, True)}


def test_consent_written_in_a_form_is_a_new_word_and_cannot_be_turned_into_another(house):
    contact = add_contact(**PERSON, account=house.account, by=house.li)
    told = {"channel": "email", "purpose": "marketing", "state": "given", "source": "telephone"}
    made = save(house.li, Consent, contact=contact.pk, **told)
    served = give_consent(contact=contact, channel="email", purpose="marketing", source="telephone", by=house.li)

    assert kept(made, "at", "created_at", "changed_at") == kept(served, "at", "created_at", "changed_at")
    address, sent = shown(house.li, Consent, made.pk)
    assert client_of(house.li).post(address, {**sent, "state": "withdrawn"}).status_code == 403
    made.refresh_from_db()
    assert made.state == "given"


def test_an_address_kept_out_in_a_form_is_found_however_it_is_written(house):
    made = save(house.li, Suppression, channel="email", address=" Marie@SG.example ", reason="manual")
    served = suppress(address="other@sg.example", reason="manual", by=house.li)

    assert kept(made, "address", "at") == kept(served, "address", "at")
    assert is_suppressed("marie@sg.EXAMPLE", purpose="marketing")


# --- sales ---------------------------------------------------------------------------------------------------
LEAD = {"company": "Ｈuaxin", "contact_name": "Chen", "email": "chen@hx.example", "country": "CN", "language": "zh-hans",
        "employees": 40, "request": "quote", "product_interest": "equipment", "message": "Hello"}  # fmt: skip


def test_a_lead_typed_in_without_an_owner_is_one_received_and_is_announced(house, told):
    made = save(house.li, Lead, **LEAD, source="telephone", channel="telephone", consent="on", owner="", branch=house.shanghai.pk)
    served = receive_lead(data=LEAD, source="telephone", channel="telephone", consent=True, branch=house.shanghai, by=house.li)

    assert kept(made) == kept(served)
    assert (made.company, made.consent_at) == ("Huaxin", ports.now())
    assert told == ["lead.received", "lead.received"]


def test_a_lead_typed_in_with_an_owner_is_assigned_to_that_person_and_nobody_else_is_asked(house, told):
    made = save(house.li, Lead, **LEAD, source="telephone", channel="telephone", owner=house.li.pk, branch=house.shanghai.pk)
    served = receive_lead(data=LEAD, source="telephone", channel="telephone", announced=False, branch=house.shanghai, by=house.li)
    assign(lead=served, owner=house.li, by=house.li)

    assert kept(made) == kept(served)
    assert made.status == "assigned"
    assert told == []


def test_a_lead_that_nobody_could_answer_is_not_taken(house, told):
    address, sent = shown(house.li, Lead)
    answer = client_of(house.li).post(address, {**sent, "company": "Huaxin"})

    assert answer.status_code == 200
    assert "email" in answer.context["adminform"].form.errors
    assert not Lead.objects.exists()
    assert told == []


def test_a_lead_changed_in_a_form_is_one_changed_by_the_service(house, told):
    one, two = (receive_lead(data=LEAD, branch=house.shanghai, by=house.li) for _n in range(2))

    save(house.li, Lead, one.pk, city="Ｗuxi", consent="on", owner=house.wang.pk)
    update_lead(lead=two, changes={"city": "Ｗuxi", "consent": True}, by=house.li)
    assign(lead=two, owner=house.wang, by=house.li)

    assert kept(one) == kept(two)
    one.refresh_from_db()
    assert (one.city, one.branch, one.status) == ("Wuxi", house.paris, "assigned")


def test_an_opportunity_opened_in_a_form_has_its_history_and_starts_its_flow(house, told):
    values = {"name": "Sorting line", "amount": "1000.00", "currency": "EUR", "next_step": "Call"}
    made = save(house.li, Opportunity, **values, account=house.account.pk, expected_close="2026-12-31", owner=house.li.pk, branch=house.shanghai.pk)
    served = open_opportunity(**values, account=house.account, owner=house.li, expected_close=date(2026, 12, 31), by=house.li)

    assert kept(made) == kept(served)
    assert rows(made.stage_changes) == rows(served.stage_changes)
    assert made.stage_changes.count() == 1
    assert told == ["opportunity.opened", "opportunity.opened"]


def test_an_opportunity_without_a_customer_is_not_taken(house, told):
    address, sent = shown(house.li, Opportunity)
    answer = client_of(house.li).post(address, {**sent, "name": "Nobody's"})

    assert "account" in answer.context["adminform"].form.errors
    assert not Opportunity.objects.exists()


def test_an_opportunity_put_off_in_a_form_is_counted_and_remembered(house, told):
    def opened() -> Opportunity:
        return open_opportunity(name="Line", account=house.account, expected_close=date(2026, 12, 1), by=house.li)

    rival = make(Competitor, name="Rival")
    one, two = opened(), opened()

    save(house.wang, Opportunity, one.pk, amount="500", expected_close="2026-12-31", competitor=rival.pk, owner=house.wang.pk)
    update_opportunity(opportunity=two, changes={"amount": "500", "expected_close": date(2026, 12, 31), "competitor": rival.pk}, by=house.wang)
    assign_opportunity(opportunity=two, owner=house.wang, by=house.wang)

    assert kept(one) == kept(two)
    assert rows(one.stage_changes) == rows(two.stage_changes)
    assert rows(one.competitors) == rows(two.competitors)
    one.refresh_from_db()
    assert (one.push_count, one.stage_changes.count(), one.competitors.count(), one.branch) == (1, 2, 1, house.paris)


def test_product_lines_of_a_form_make_the_amount(house, told):
    one, two = (open_opportunity(name="Line", account=house.account, by=house.li) for _n in range(2))

    save(house.li, Opportunity, one.pk, **part("lines", 0, 1, product=house.product.pk, quantity="3", unit_price="10.10", opportunity=one.pk))
    set_products(opportunity=two, lines=[(house.product, 3, "10.10")], by=house.li)

    assert kept(one) == kept(two)
    assert rows(one.lines) == rows(two.lines)
    assert rows(one.stage_changes) == rows(two.stage_changes)
    one.refresh_from_db()
    assert one.amount == Decimal("30.30")


def test_a_competitor_met_in_a_form_becomes_the_main_one(house, told):
    rival = make(Competitor, name="Rival")
    one, two = (open_opportunity(name="Line", account=house.account, by=house.li) for _n in range(2))

    save(house.li, Opportunity, one.pk, **part("competitors", 0, 1, competitor=rival.pk, threat=2, remarks="Cheap", opportunity=one.pk))
    record_competitor(opportunity=two, competitor=rival, remarks="Cheap", by=house.li)

    assert kept(one) == kept(two)
    assert rows(one.competitors) == rows(two.competitors)


def test_imported_business_matched_in_a_form_starts_its_flow_as_matching_does(house, told):
    one, two = (make(Opportunity, number=f"O-{n}", name="Imported", account=None, branch=house.shanghai, owner=house.li) for n in range(2))

    save(house.li, Opportunity, one.pk, account=house.account.pk)
    match_account(opportunity=two, account=house.account, by=house.li)

    assert kept(one) == kept(two)
    assert told == ["opportunity.opened", "opportunity.opened"]


def test_a_quote_drafted_in_a_form_has_its_totals_worked_out(house, told):
    deal = open_opportunity(name="Line", account=house.account, by=house.li)
    line = part("lines", 0, 1, product=house.product.pk, quantity="3", discount_percent="12.5", description="Blue")
    made = save(house.li, Quote, opportunity=deal.pk, credit_days=30, reason="Old friend", **line)
    served = draft_quote(opportunity=deal, lines=[Line(house.product, 3, "12.5", "Blue")], credit_days=30, reason="Old friend", by=house.li)

    assert kept(made) == kept(served)
    assert rows(made.lines) == rows(served.lines)
    assert (made.list_total, made.total, made.delivery_days) == (Decimal("99.99"), Decimal("87.49"), 21)


def test_a_quote_changed_in_a_form_is_a_draft_of_a_new_version(house, told):
    deal = open_opportunity(name="Line", account=house.account, by=house.li)
    one, two = (draft_quote(opportunity=deal, lines=[Line(house.product, 3)], by=house.li) for _n in range(2))
    Quote.objects.update(status="approved", approved_version=1)

    save(house.li, Quote, one.pk, credit_days=60, **{"lines-0-discount_percent": "20"})
    revise_quote(quote=two, lines=[Line(house.product, 3, 20)], terms={"credit_days": 60}, by=house.li)

    assert kept(one) == kept(two)
    assert rows(one.lines) == rows(two.lines)
    one.refresh_from_db()
    assert (one.content_version, one.status, one.discount_percent) == (2, "draft", Decimal("20.00"))


def test_saving_a_quote_without_a_change_leaves_its_approval(house, told):
    deal = open_opportunity(name="Line", account=house.account, by=house.li)
    quote = draft_quote(opportunity=deal, lines=[Line(house.product, 3)], by=house.li)
    Quote.objects.update(status="approved", approved_version=1)

    save(house.li, Quote, quote.pk)

    quote.refresh_from_db()
    assert (quote.status, quote.content_version) == ("approved", 1)


def test_a_quote_without_lines_is_not_taken(house, told):
    deal = open_opportunity(name="Line", account=house.account, by=house.li)
    address, sent = shown(house.li, Quote)
    answer = client_of(house.li).post(address, {**sent, "opportunity": deal.pk})

    assert "A quote needs at least one line." in answer.content.decode()
    assert not Quote.objects.exists()


# --- service, knowledge, marketing, activities ---------------------------------------------------------------
CASE = {"subject_line": "Belt torn", "kind": "complaint", "description": "It tore.", "product": "Belt", "product_group": "equipment",
        "impact": "stopped", "remedy_sought": "repair", "contact_name": "Chen", "contact_email": "chen@hx.example",
        "contact_phone": "", "company": "Huaxin Foods", "language": "zh-hans"}  # fmt: skip


def test_a_case_written_down_in_a_form_is_one_received_with_its_message_customer_and_flow(house, told):
    level = make(ServiceLevel, key="gold", name="Gold", tier="premium")
    make(Entitlement, account=house.account, level=level, starts_on=date(2026, 1, 1))
    made = save(house.li, Case, **CASE, channel="telephone", legal_threat="on", owner=house.li.pk, branch=house.shanghai.pk)
    served = receive_case(data={**CASE, "legal_threat": True}, channel="telephone", owner=house.li, branch=house.shanghai, by=house.li)

    assert kept(made) == kept(served)
    assert rows(made.messages) == rows(served.messages)
    assert (made.account, made.entitlement.level, made.messages.count()) == (house.account, level, 1)
    assert told == ["case.received", "case.received"]


def test_a_case_given_to_somebody_in_a_form_is_one_assigned(house, told):
    one, two = (receive_case(data=CASE, branch=house.shanghai, by=house.li) for _n in range(2))

    save(house.li, Case, one.pk, handler=house.wang.pk, impact="loss")
    update_case(case=two, changes={"impact": "loss"}, by=house.li)
    assign_handler(case=two, user=house.wang, by=house.li)

    assert kept(one) == kept(two)
    one.refresh_from_db()
    assert (one.status, one.contact_person, one.owner) == ("investigating", house.wang, house.wang)


def test_a_form_does_not_give_a_complaint_to_whom_it_is_about(house, told):
    case = receive_case(data=CASE, about_person=house.wang, branch=house.shanghai, by=house.li)
    address, sent = shown(house.li, Case, case.pk)
    answer = client_of(house.li).post(address, {**sent, "handler": house.wang.pk})

    assert "The complaint is about this person" in answer.content.decode()
    case.refresh_from_db()
    assert case.handler is None


def test_an_article_written_and_revised_in_a_form_has_versions_and_words_for_the_search(house):
    text = {"title": "How to clean a belt", "body": "With **water**.", "language": "en", "keywords": "belt, clean", "kind": "faq"}
    made = save(house.li, Article, **text, owner=house.li.pk, branch=house.shanghai.pk)
    served = write_article(**text, by=house.li)
    assert kept(made) == kept(served)
    assert rows(made.versions) == rows(served.versions)
    assert rows(made.terms) == rows(served.terms)

    Article.objects.update(status="published")
    save(house.wang, Article, made.pk, body="With soap.")
    revise(article=served, changes={"body": "With soap."}, by=house.wang)

    assert kept(made) == kept(served)
    assert rows(made.versions) == rows(served.versions)
    assert rows(made.terms) == rows(served.terms)
    made.refresh_from_db()
    assert (made.edition, made.status) == (2, "draft")
    assert "soap" in made.segmented


def test_a_campaign_planned_and_changed_in_a_form_keeps_to_the_services_rules(house):
    made = save(house.li, Campaign, name="Belts", kind="mailing", budget="100", owner=house.li.pk, branch=house.shanghai.pk)
    served = plan_campaign(name="Belts", budget=Decimal(100), by=house.li)
    assert kept(made) == kept(served)

    save(house.wang, Campaign, made.pk, goal="Sell")
    update_campaign(campaign=served, changes={"goal": "Sell"}, by=house.wang)
    assert kept(made) == kept(served)

    Campaign.objects.update(state="stopped")
    address, sent = shown(house.li, Campaign, made.pk)
    answer = client_of(house.li).post(address, {**sent, "goal": "Sell more"})
    assert "has ended" in answer.content.decode()


def test_an_activity_written_down_in_a_form_is_one_logged(house):
    at = ports.now() - timedelta(minutes=34)
    moment = {"at_0": "2026-11-24", "at_1": "10:00"}
    typed = {"kind": "call", "direction": "out", "subject_line": "Called", "outcome": "Wants a quote", "minutes": 7}
    made = save(house.li, Activity, **typed, **moment, state="done", account=house.account.pk, owner=house.li.pk, branch=house.shanghai.pk)
    served = log_activity(kind="call", title="Called", outcome="Wants a quote", minutes=7, at=at, account=house.account, by=house.li)

    assert kept(made) == kept(served)
    assert made.done_at == at


def test_an_activity_planned_and_done_in_a_form_is_one_planned_and_finished(house):
    typed = {"kind": "visit", "direction": "out", "subject_line": "See the line", "state": "planned", "account": house.account.pk}
    made = save(house.li, Activity, **typed, at_0="2026-11-25", at_1="09:00", owner=house.li.pk, branch=house.shanghai.pk)
    served = plan_activity(kind="visit", title="See the line", due_at=made.at, account=house.account, by=house.li)
    assert kept(made) == kept(served)
    assert made.due_at == made.at

    now = {"at_0": "2026-11-24", "at_1": "10:34"}
    save(house.li, Activity, made.pk, state="done", outcome="Seen", **now)
    finish_activity(activity=served, outcome="Seen", by=house.li)
    assert kept(made) == kept(served)


def test_what_was_done_does_not_lie_in_the_future(house):
    address, sent = shown(house.li, Activity)
    typed = {"kind": "call", "direction": "out", "subject_line": "Called", "state": "done", "at_0": "2026-11-25", "at_1": "10:00"}
    answer = client_of(house.li).post(address, {**sent, **typed})

    assert "cannot lie in the future" in answer.content.decode()
    assert not Activity.objects.exists()


def test_only_addresses_of_points_are_left_where_both_ways_meet(house):
    """The same address twice in one form is one point."""
    contact = add_contact(**PERSON, account=house.account, by=house.li)
    total = contact.points.count()
    save(house.li, Contact, contact.pk, **part("points", total, total + 1, kind="email", value="MARIE@sg.example", contact=contact.pk))

    assert ContactPoint.objects.filter(contact=contact, kind="email").count() == 1

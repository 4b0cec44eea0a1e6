"""Keys that stand in the database are words on every page, in both languages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from crm_core.kernel.models import Role
from crm_core.knowledge.models import Article
from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Opportunity, Product
from tests.crm_core.support import branch, person, role
from tests.support.forms import client_of, save, shown
from tests.support.rows import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    kinds = ("lead", "opportunity", "account", "product", "article", "employee", "branch")
    return person(role("worker", **dict.fromkeys(kinds, dict.fromkeys(("view", "add", "change"), "all"))), at=branch("shanghai"),
                  display_name="Li Na")  # fmt: skip


@pytest.fixture
def reader():
    return person(role("reader", lead={"view": "all"}, opportunity={"view": "all"}), at=branch("shanghai"))


def page(user, name, *args, language="en"):
    client = client_of(user)
    client.cookies["django_language"] = language
    user.language = language
    user.save(update_fields=["language"])
    return client.get(reverse(name, args=args)).content.decode()


@pytest.mark.parametrize(("language", "word"), [("en", "web form"), ("zh-hans", "网页表单")])
def test_a_source_taken_over_from_the_lead_is_read_as_words(reader, language, word):
    deal = make(Opportunity, number="O-1", name="Line", source="web_form")

    shown_page = page(reader, "admin:crm_sales_opportunity_change", deal.pk, language=language)

    assert "web_form" not in shown_page
    assert word in shown_page


@pytest.mark.parametrize(("key", "word"), [("zh-hans", "简体中文"), ("en", "English"), ("fr", "French")])
def test_a_language_is_read_by_its_name_by_whoever_may_only_look(reader, key, word):
    lead = make(Lead, number="L-1", company="Huaxin", language=key)

    assert word in page(reader, "admin:crm_sales_lead_change", lead.pk)


def test_a_language_is_chosen_by_its_name_and_an_unknown_one_is_kept(worker):
    lead = make(Lead, number="L-1", company="Huaxin", email="a@b.example", language="pt_br", owner=worker)

    _address, sent = shown(worker, Lead, lead.pk)
    save(worker, Lead, lead.pk, city="Porto")

    assert sent["language"] == "pt_br"
    lead.refresh_from_db()
    assert (lead.language, lead.city) == ("pt_br", "Porto")
    assert "pt br" in page(worker, "admin:crm_sales_lead_change", lead.pk)


def test_groups_of_products_are_words_in_the_list_and_its_filter(worker):
    make(Product, code="P", name="Belt", group="consumables")

    listed = page(worker, "admin:crm_sales_product_changelist", language="zh-hans")

    assert "耗材" in listed
    assert ">consumables<" not in listed


@pytest.mark.parametrize(("language", "shown_as"), [("en", "<small>EUR</small> 1,560,000"), ("zh-hans", "<small>€</small>1,560,000")])
def test_amounts_stand_with_their_currency(reader, language, shown_as):
    make(Opportunity, number="O-1", name="Line", amount=1_560_000, currency="EUR")

    assert shown_as in page(reader, "admin:crm_sales_opportunity_changelist", language=language)


def test_the_trail_names_who_did_what_on_which_occasion(worker):
    auditor = person(role("auditor", audit={"view": "all"}), at=branch("shanghai"))
    made = make(Account, name="Huaxin", manager=worker, branch=branch("shanghai"))
    save(worker, Account, made.pk, city="Wuxi")

    listed = page(auditor, "admin:crm_kernel_auditentry_changelist")

    assert "Li Na" in listed
    assert "on a page" in listed
    assert "POST " not in listed


def test_an_empty_list_says_what_belongs_there_and_a_search_without_result_does_not(worker):
    assert "What we sell, with list price" in page(worker, "admin:crm_sales_product_changelist")

    client = client_of(worker)
    searched = client.get(reverse("admin:crm_sales_product_changelist"), {"q": "belt"}).content.decode()
    assert "Nothing fits what you are looking for." in searched
    assert "What we sell" not in searched


def test_an_article_is_put_into_a_group_by_its_word(worker):
    made = save(worker, Article, title="How to", body="So.", language="en", product_group="software", owner=worker.pk)

    assert made.product_group == "software"


def test_the_history_names_people_and_places_and_not_their_keys(worker):
    mate = person(at=branch("paris"), display_name="Wang Li")
    account = make(Account, name="Huaxin", manager=worker, branch=branch("shanghai"))
    save(worker, Account, account.pk, manager=mate.pk, branch=branch("paris").pk)

    told = page(worker, "admin:crm_parties_account_history", account.pk)

    assert "Li Na → Wang Li" in told
    assert "Shanghai → Paris" in told


@pytest.mark.parametrize("actions", [("view",), ("view", "change")])
def test_roles_of_a_person_are_read_and_chosen_by_their_names(actions):
    keeper = role("people_keeper", user=dict.fromkeys(actions, "all"), role={"view": "all"})
    Role.objects.update(labels={"en": "Keeper of people"})
    keeps = person(keeper, at=branch("shanghai"))

    for shown_page in (page(keeps, "admin:crm_kernel_user_change", keeps.pk), page(keeps, "admin:crm_kernel_user_changelist")):
        assert "Keeper of people" in shown_page
        assert "people_keeper" not in shown_page

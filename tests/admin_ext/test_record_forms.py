"""Record forms: what they offer, what they keep, and that a refusal loses nothing of what was typed."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from guardian.models import UserObjectPermission

from crm_core.kernel.access.grants import Source, give
from crm_core.kernel.models import AccessRefusal, Grant
from crm_core.knowledge.models import Article, ArticleVersion
from crm_core.parties.models import Account, Contact, ContactPoint
from crm_core.sales.models import Lead
from tests.crm_core.support import branch, person, role, team
from tests.support.rows import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    """A seller of Shanghai with a colleague, and an account of each."""
    seller = role(
        "seller", account={"view": "branch", "add": "own", "change": "own"}, contact={"view": "own", "add": "own", "change": "own"},
        lead={"view": "own", "add": "own", "change": "own"}, employee={"view": "branch"}, branch={"view": "all"},
    )  # fmt: skip
    at = team("key", branch("shanghai"))

    class Sales:
        one = person(seller, of=at, display_name="One")
        mate = person(seller, of=at, display_name="Mate")
        far = person(seller, of=team("ventes", branch("paris")), display_name="Far")

    Sales.account = make(Account, name="Huaxin", manager=Sales.one, branch=branch("shanghai"))
    Sales.hidden = make(Account, name="Hidden of Paris", manager=Sales.far, branch=branch("paris"))
    return Sales


def client_of(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(user, model, pk=None):
    """The form's page and what it would send back unchanged."""
    meta = model._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_" + ("add" if pk is None else "change")
    address = reverse(name, args=[] if pk is None else [pk])
    answer = client_of(user).get(address)
    assert answer.status_code == 200
    form = answer.context["adminform"].form
    sent = {}
    forms = [form, *(f for s in answer.context["inline_admin_formsets"] for f in [s.formset.management_form, *s.formset.forms])]
    for one in forms:
        for bound in one:
            value = bound.value()
            if value is not None and value is not False:
                sent[bound.html_name] = value
    return address, form, {k: v for k, v in sent.items() if not callable(v)}


def test_colleagues_are_offered_as_far_as_staff_may_be_seen_and_what_is_set_stays(sales):
    address, form, sent = form_of(sales.one, Account, sales.account.pk)

    assert {str(user) for user in form.fields["manager"].queryset} == {"One", "Mate"}
    assert client_of(sales.one).post(address, {**sent, "city": "Shanghai"}).status_code == 302
    sales.account.refresh_from_db()
    assert (sales.account.city, sales.account.manager, sales.account.changed_by) == ("Shanghai", sales.one, sales.one)


def test_a_new_record_is_proposed_as_ones_own(sales):
    _address, form, _sent = form_of(sales.one, Lead)

    assert form.initial["owner"] == sales.one.pk
    assert form.initial["branch"] == branch("shanghai").pk


@pytest.mark.django_db(transaction=True)  # the refusal is written again after the page's own rollback
def test_a_record_for_somebody_else_is_refused_logged_and_the_form_keeps_what_was_typed(sales):
    address, _form, sent = form_of(sales.one, Account)

    answer = client_of(sales.one).post(address, {**sent, "name": "For a mate", "manager": sales.mate.pk})

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "only as your own" in page
    assert 'value="For a mate"' in page
    assert not Account.objects.filter(name="For a mate").exists()
    assert [(row.user, row.record, row.action) for row in AccessRefusal.objects.all()] == [(sales.one, "account", "add")]
    assert client_of(sales.one).post(address, {**sent, "name": "Own", "manager": sales.one.pk}).status_code == 302
    assert Account.objects.get(name="Own").created_by == sales.one


def test_a_reference_to_a_hidden_record_cannot_be_chosen_but_one_that_is_there_is_kept(sales):
    contact = make(Contact, name="Wang", owner=sales.one, account=sales.hidden, branch=branch("shanghai"))
    address, _form, sent = form_of(sales.one, Contact, contact.pk)

    assert client_of(sales.one).post(address, {**sent, "title": "Buyer"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.title, contact.account) == ("Buyer", sales.hidden)

    other = make(Contact, name="Li", owner=sales.one, account=sales.account)
    address, _form, sent = form_of(sales.one, Contact, other.pk)
    answer = client_of(sales.one).post(address, {**sent, "account": sales.hidden.pk})
    assert answer.status_code == 200
    assert "account" in answer.context["adminform"].form.errors
    other.refresh_from_db()
    assert other.account == sales.account


def test_a_part_cannot_point_to_a_hidden_record_either(sales):
    contact = make(Contact, name="Li", owner=sales.one, account=sales.account)
    address, _form, sent = form_of(sales.one, Contact, contact.pk)
    row = {"roles-TOTAL_FORMS": "1", "roles-0-account": sales.hidden.pk, "roles-0-role": "Buyer", "roles-0-contact": contact.pk}

    answer = client_of(sales.one).post(address, {**sent, **row})

    assert answer.status_code == 200
    assert not contact.roles.exists()


def test_parts_are_stamped_with_who_and_when(sales):
    contact = make(Contact, name="Li", owner=sales.one, account=sales.account)
    address, _form, sent = form_of(sales.one, Contact, contact.pk)
    prefix = next(key.split("-")[0] for key in sent if key.endswith("TOTAL_FORMS") and "point" in key)
    row = {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-kind": "email", f"{prefix}-0-value": "li@huaxin.cn",
           f"{prefix}-0-contact": contact.pk}  # fmt: skip

    assert client_of(sales.one).post(address, {**sent, **row}).status_code == 302
    assert ContactPoint.objects.get(contact=contact).created_by == sales.one


def test_parts_are_shown_as_far_as_their_own_policy_reaches(sales):
    reader = person(role("reader", article={"view": "all"}), at=branch("shanghai"))
    writer = person(role("writer", article={"view": "all", "change": "all"}), at=branch("shanghai"))
    article = make(Article, title="Now", status="published", owner=writer)
    make(ArticleVersion, article=article, number=1, title="The withdrawn claim")

    def page(user):
        return client_of(user).get(reverse("admin:crm_knowledge_article_change", args=[article.pk])).content.decode()

    assert "The withdrawn claim" not in page(reader)
    assert "The withdrawn claim" in page(writer)


def test_with_a_record_go_the_rights_that_were_granted_on_it(sales):
    keeper = person(role("keeper", lead={"view": "all", "delete": "all"}), at=branch("shanghai"))
    lead = make(Lead, company="Gone Ltd", owner=sales.one)
    give(to=sales.far, obj=lead, actions=["view"], source=Source("share", "1"))

    answer = client_of(keeper).post(reverse("admin:crm_sales_lead_delete", args=[lead.pk]), {"post": "yes"})

    assert answer.status_code == 302
    assert not Lead.objects.filter(pk=lead.pk).exists()
    kind = ContentType.objects.get_for_model(Lead)
    assert not Grant.objects.filter(content_type=kind).exists()
    assert not UserObjectPermission.objects.filter(content_type=kind).exists()


def test_a_foreign_record_by_its_id_is_a_logged_refusal_on_every_page_of_it(sales):
    for page in ("change", "history", "delete"):
        AccessRefusal.objects.all().delete()
        answer = client_of(sales.one).get(reverse(f"admin:crm_parties_account_{page}", args=[sales.hidden.pk]))
        assert answer.status_code == 403
        assert "Hidden of Paris" not in answer.content.decode()
        assert [(row.user, row.record, row.object_id) for row in AccessRefusal.objects.all()] == [
            (sales.one, "account", sales.hidden.pk)
        ]


def test_a_second_account_of_one_name_is_opened_only_on_purpose(sales):
    address, _form, sent = form_of(sales.one, Account)
    Account.objects.filter(pk=sales.hidden.pk).update(match_key="hiddenofparis")
    typed = {**sent, "name": "HIDDEN of Paris Ltd.", "manager": sales.one.pk, "city": "Lyon"}

    told = client_of(sales.one).post(address, typed)

    assert told.status_code == 200
    assert "There is an account of this name already: Hidden of Paris, account manager Far." in told.content.decode()
    assert not Account.objects.filter(city="Lyon").exists()
    again = told.context["adminform"].form.data.dict()
    assert client_of(sales.one).post(address, {**again, "name": "Another name"}).status_code == 302
    assert client_of(sales.one).post(address, again).status_code == 302
    assert Account.objects.filter(city="Lyon").count() == 2

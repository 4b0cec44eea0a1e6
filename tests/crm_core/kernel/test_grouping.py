"""What figures about records are grouped by, read for many records in one query and told in words."""

from __future__ import annotations

import pytest
from django.utils import translation

from crm_core.parties.models import Account
from crm_core.sales.models import Lead, Opportunity, Quote
from processes import ports
from tests.crm_core.support import branch, person, role

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
KINDS = ("lead", "opportunity", "quote", "case", "campaign", "account", "article")


def kind(name: str) -> ports.SubjectType:
    found = ports.subjects().get(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_record_is_grouped_by_branch_and_person_in_one_query(name, django_assert_num_queries):
    names = [field.name for field in kind(name).groups]
    assert names[:2] == ["branch", "person"]
    assert len(set(names)) == len(names)
    assert all(str(field.label) for field in kind(name).groups)
    with django_assert_num_queries(1):
        assert kind(name).grouped([1, 2, 3]) == {}


def test_values_come_from_the_record_and_from_its_customer(django_assert_num_queries):
    north = branch("north")
    seller = person(role("seller"), at=north, first_name="Mei", last_name="Lin")
    account = Account.objects.create(name="Acme", grade="A", industry="steel", country="CN", branch=north, manager=seller)
    lead = Lead.objects.create(
        number="L1", company="Acme", branch=north, owner=seller, account=account, country="DE", source="fair", channel="web"
    )
    lone = Lead.objects.create(number="L2", company="Nobody")
    deal = Opportunity.objects.create(number="O1", name="Deal", account=account, branch=north, owner=seller)
    quote = Quote.objects.create(opportunity=deal, branch=north, number="Q1")

    with django_assert_num_queries(1):
        leads = kind("lead").grouped([lead.pk, lone.pk])
    assert leads[lead.pk] == {
        "branch": "north", "person": str(seller.pk), "team": "", "customer_class": "A", "industry": "", "country": "DE",
        "source": "fair", "channel": "web",
    }  # fmt: skip
    assert (leads[lone.pk]["branch"], leads[lone.pk]["person"], leads[lone.pk]["customer_class"]) == ("", "", "")
    assert kind("opportunity").grouped([deal.pk])[deal.pk]["customer_industry"] == "steel"
    assert kind("quote").grouped([quote.pk])[quote.pk]["customer_country"] == "CN"
    assert kind("account").grouped([account.pk])[account.pk]["customer_class"] == "A"


def test_words_are_names_of_people_and_places_and_labels_of_choices(django_assert_num_queries):
    branch("north")
    seller = person(role("seller"), username="mei", first_name="Mei", last_name="Lin")
    lead = kind("lead")
    with django_assert_num_queries(1):
        assert lead.group_words("person", [str(seller.pk), "", "999999"]) == {str(seller.pk): seller.shown_name()}
    assert lead.group_words("branch", ["north", ""]) == {"north": "North"}
    with translation.override("zh-hans"):
        said = kind("case").group_words("kind", ["complaint"])
    assert said == {"complaint": "投诉"}
    assert lead.group_words("no such group", ["x"]) == {}

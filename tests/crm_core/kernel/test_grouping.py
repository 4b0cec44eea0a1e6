"""What figures about records are grouped by, read for many records in one query and told in words."""

from __future__ import annotations

import pytest
from django.utils import translation

from crm_core.marketing.models import Segment
from crm_core.parties.models import Account, Contact
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


def test_what_may_be_chosen_of_a_group_comes_with_its_name():
    north = branch("north")
    seller = person(role("seller"), at=north, first_name="Mei", last_name="Lin")
    Account.objects.create(name="Acme", grade="A", industry="steel", branch=north, manager=seller)
    Lead.objects.create(number="L1", company="Acme", source="fair", branch=north, owner=seller, country="DE")
    offer = kind("lead").group_options

    assert ("north", str(north)) in offer("branch")
    assert (str(seller.pk), seller.shown_name()) in offer("person")
    assert [value for value, _label in offer("customer_class")] == ["A", "B", "C", "D"]
    assert offer("country") == [("DE", "DE")]
    assert offer("weather") == ()


def test_a_record_is_in_the_segments_that_a_contact_of_its_customer_is_in(django_assert_max_num_queries):
    seller = person(role("seller"))
    acme, other = (
        Account.objects.create(name=name, industry=industry, manager=seller) for name, industry in (("Acme", "steel"), ("Other", "food"))
    )
    Contact.objects.create(account=acme, name="Ann")
    Contact.objects.create(account=other, name="Ote")
    Segment.objects.create(key="steel", name="Steel", conditions=[{"field": "account.industry", "op": "is", "value": "steel"}])
    listed = Segment.objects.create(key="guests", name="Guests", kind="list")
    listed.members.create(contact=other.contacts.get())
    leads = [Lead.objects.create(number=f"L{at}", company="x", account=account) for at, account in enumerate((acme, other, None))]
    ids = [lead.pk for lead in leads]
    audience = next(one for one in kind("lead").audiences() if one.name == "segment")

    assert dict(audience.options()) == {"steel": "Steel", "guests": "Guests"}
    with django_assert_max_num_queries(2):
        assert audience.members(ids, ["steel"]) == {ids[0]}
    assert audience.members(ids, ["steel", "guests"]) == {ids[0], ids[1]}
    assert audience.members(ids, ["gone"]) == set()
    assert kind("account").audiences()[0].members([acme.pk, other.pk], ["guests"]) == {other.pk}
    assert kind("campaign").audiences() == ()

"""The page of a change: what it costs, who may use it, and that its buttons do what they say."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from processes.catalog.loading import SHIPPED, load_folder
from processes.catalog.models import ProcessVersion
from processes.publication.models import ProcessChange
from processes.publication.services import publish_loaded
from tests.processes.inbox.house import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("things")]
PAGE, ACT = "/processes/deal/publication/", "/processes/deal/publication/act/"
RECORD = {
    "do": "record", "title": "Ask first", "diagnosis": "Four of ten break.", "measures": "One of ten.", "customer_view": "One date.",
    "training": "", "without_training": "Nobody sees it.", "way": "pilot", "rule": 'place = "branch:1"', "share": "30",
}  # fmt: skip


def signed_in(name: str, *roles: str) -> Client:
    user = person(name, *roles)
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.person = user
    return client


def test_the_record_is_written_and_the_page_says_what_stands_in_the_way(version):
    owner = signed_in("owner", "process_owner")
    begun = owner.get(PAGE).content.decode()
    assert "disabled" in begun

    saved = owner.post(ACT, {**RECORD, "owner": str(owner.person.pk)}, follow=True).content.decode()

    row = ProcessChange.objects.get(version=version)
    assert (row.title, row.way, row.share, row.rule) == ("Ask first", "pilot", 30, 'place = "branch:1"')
    assert (row.owner, row.waived) == (owner.person, {"training": "Nobody sees it."})
    assert "Nothing began in the last month" in saved
    assert "Four of ten break." in saved
    assert "Publish without a review" not in saved


def test_a_rule_that_cannot_be_read_loses_nothing_that_was_written(version):
    owner = signed_in("owner", "process_owner")

    answer = owner.post(ACT, {**RECORD, "rule": "place ="}, follow=True).content.decode()

    row = ProcessChange.objects.get(version=version)
    assert "The rule cannot be read" in answer
    assert (row.diagnosis, row.way, row.rule) == ("Four of ten break.", "pilot", "")
    assert ">place =</textarea>" in answer


def test_handed_in_it_is_shown_under_way_and_taken_back_with_a_reason(version):
    publish_loaded([load_folder(SHIPPED / "process_change")])
    owner = signed_in("owner", "process_owner")
    owner.post(ACT, {**RECORD, "owner": str(owner.person.pk), "way": "now"})
    owner.post(ACT, {"do": "submit"})
    row = ProcessChange.objects.get(version=version)
    assert row.state == "submitted", owner.get(PAGE).content.decode()
    assert row.number in owner.get(PAGE).content.decode()

    owner.post(ACT, {"do": "withdraw", "change": str(row.pk), "reason": "Thought again."})

    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert ProcessVersion.objects.get(pk=version.pk).state == "draft"


@pytest.mark.parametrize(("role", "sees"), [("seller", 404), ("process_reviewer", 200), ("auditor", 200), ("director", 200)])
def test_who_does_not_answer_for_the_process_writes_nothing(version, role, sees):
    other = signed_in("other", role)

    assert other.get(PAGE).status_code == sees
    for data in (RECORD, {"do": "submit"}, {"do": "waive", "finding": "a:b"}, {"do": "update"}, {"do": "publish"}):
        assert other.post(ACT, data).status_code in (403, 404)

    assert not ProcessChange.objects.filter(version=version).exists()
    assert ProcessVersion.objects.get(pk=version.pk).state == "draft"


def test_the_page_costs_a_bounded_number_of_statements(version):
    owner = signed_in("owner", "process_owner")
    owner.post(ACT, RECORD)
    owner.get(PAGE)

    with CaptureQueriesContext(connection) as seen:
        owner.get(PAGE)

    assert len(seen) <= 80

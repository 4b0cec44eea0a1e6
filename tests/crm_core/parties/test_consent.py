"""Consent: every word is kept, the newest counts, for its own channel and purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.kernel.access.policies import Denied
from crm_core.parties.models import Consent, Contact
from crm_core.parties.selectors import agreed
from crm_core.parties.services import add_contact, give_consent, record_consent, withdraw_consent
from processes import ports
from processes.errors import Invalid
from tests.crm_core.support import branch, person, role

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MAIL = {"channel": "email", "purpose": "marketing", "trusted": True}


@pytest.fixture
def contact():
    return add_contact(account=None, name="Chen", email="chen@hx.example")


def who_agreed(channel="email", purpose="marketing"):
    return list(agreed(Contact.objects.all(), channel=channel, purpose=purpose))


def test_silence_is_no_consent(contact):
    assert who_agreed() == []


def test_the_newest_word_counts_and_every_word_is_kept(contact, clock):
    give_consent(contact=contact, **MAIL)
    assert who_agreed() == [contact]
    clock.move(clock.now() + timedelta(minutes=1))
    withdraw_consent(contact=contact, **MAIL)
    assert who_agreed() == []
    clock.move(clock.now() + timedelta(minutes=1))
    give_consent(contact=contact, **MAIL)

    assert who_agreed() == [contact]
    assert Consent.objects.filter(contact=contact).count() == 3


def test_of_two_words_of_one_moment_the_one_written_last_counts(contact, clock):
    give_consent(contact=contact, **MAIL)
    withdraw_consent(contact=contact, **MAIL)
    assert who_agreed() == []


def test_a_word_said_before_but_written_down_later_does_not_overrule_a_newer_one(contact, clock):
    withdraw_consent(contact=contact, **MAIL)
    give_consent(contact=contact, at=ports.now() - timedelta(days=3), **MAIL)

    assert who_agreed() == []


def test_a_word_holds_for_its_channel_and_purpose_alone(contact):
    give_consent(contact=contact, **MAIL)

    assert who_agreed(channel="phone") == []
    assert who_agreed(purpose="survey") == []


def test_nobody_agrees_in_the_future(contact, clock):
    with pytest.raises(Invalid) as refused:
        record_consent(contact=contact, state="given", at=ports.now() + timedelta(days=1), **MAIL)

    assert "at" in refused.value.errors
    assert not Consent.objects.exists()


def test_whoever_may_not_change_the_contact_writes_no_consent(contact):
    reader = person(role("reader", contact={"view": "all"}), at=branch("shanghai"))

    with pytest.raises(Denied):
        give_consent(contact=contact, channel="email", purpose="marketing", by=reader)
    assert not Consent.objects.exists()

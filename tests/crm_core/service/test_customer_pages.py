"""What a customer does over a signed link: once, for the right case, and never with an old link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.kernel.links import LinkInvalid
from crm_core.service.models import Case, SurveyAnswer
from crm_core.service.models.cases import new_token
from crm_core.service.services import (
    answer_survey,
    close,
    customer_answers,
    customer_view,
    receive_case,
    respond,
    send_survey,
    survey_view,
)
from crm_core.service.services.customers import token_of
from crm_core.service.services.surveys import token_of as survey_token
from processes import api
from processes.errors import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DATA = {"subject_line": "Belt torn", "description": "It tore.", "contact_name": "Chen", "contact_email": "chen@hx.example", "language": "en"}


@pytest.fixture
def told(monkeypatch):
    names: list[str] = []
    monkeypatch.setattr(api, "message", lambda name, **_more: names.append(name))
    return names


@pytest.fixture
def case(clock, told):
    return receive_case(data=DATA)


def test_the_page_shows_the_conversation_and_nothing_internal(case):
    Case.objects.filter(pk=case.pk).update(root_cause="Cheap rubber", severity="critical")
    shown = customer_view(token_of(case))

    assert (shown.number, [m.text for m in shown.messages]) == (case.number, ["It tore."])
    assert "Cheap rubber" not in repr(shown)
    assert "critical" not in repr(shown)


def test_the_link_of_another_case_or_of_a_survey_opens_nothing(case):
    survey = send_survey(kind="csat", to="chen@hx.example", case=case, trusted=True)

    with pytest.raises(LinkInvalid):
        customer_view(survey_token(survey))
    with pytest.raises(LinkInvalid):
        survey_view(token_of(case))


def test_a_new_token_makes_old_links_void(case):
    link = token_of(case)
    Case.objects.filter(pk=case.pk).update(customer_token=new_token())

    with pytest.raises(LinkInvalid):
        customer_view(link)
    with pytest.raises(LinkInvalid):
        customer_answers(link, text="Hello?")


def test_a_link_ends_after_a_year(case, clock):
    link = token_of(case)
    clock.move(clock.now() + timedelta(days=366))
    with pytest.raises(LinkInvalid):
        customer_view(link)


def test_accepting_twice_says_it_once(case, told):
    respond(case=case, text="We send a new one.", trusted=True)
    link = token_of(case)

    for _click in range(2):
        assert customer_answers(link, answer="accepted").customer_answer == "accepted"

    assert told.count("case.customer_answered") == 1
    with pytest.raises(Invalid, match="no open answer"):
        customer_answers(link, answer="rejected", text="No!")


def test_a_rejection_says_what_is_wrong(case, told):
    respond(case=case, text="We send a new one.", trusted=True)
    with pytest.raises(Invalid) as refused:
        customer_answers(token_of(case), answer="rejected", text="  ")
    assert "text" in refused.value.errors
    assert "case.customer_answered" not in told


def test_there_is_nothing_to_accept_before_we_answered_and_nothing_to_add_after_the_end(case, told):
    with pytest.raises(Invalid, match="no open answer"):
        customer_answers(token_of(case), answer="accepted")
    close(case=case, cause="product", resolution="Replaced", trusted=True)
    with pytest.raises(Invalid, match="closed"):
        customer_answers(token_of(case), text="One more thing")
    assert case.messages.count() == 1


@pytest.mark.parametrize("text", ["", " \n", "\x00", "x" * 5001])
def test_empty_and_endless_messages_are_refused(case, text):
    with pytest.raises(Invalid):
        customer_answers(token_of(case), text=text)
    assert case.messages.count() == 1


def test_a_message_with_a_null_character_is_kept_without_it(case, told):
    customer_answers(token_of(case), text="It\x00 tore again")
    assert case.messages.last().text == "It tore again"


def test_a_survey_is_answered_once(case):
    survey = send_survey(kind="nps", to="chen@hx.example", case=case, trusted=True)
    link = survey_token(survey)
    for wrong in ("11", "-1", "ten", ""):
        with pytest.raises(Invalid):
            answer_survey(link, mark=wrong)

    answer_survey(link, mark="9", text="Go\x00od")
    answer_survey(link, mark="0", text="Changed my mind")

    assert list(SurveyAnswer.objects.values_list("mark", "text")) == [(9, "Good")]
    assert survey_view(link).answered

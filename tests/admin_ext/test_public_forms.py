"""Forms that anybody may send: what gets in, what is kept out, and that nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from admin_ext.portal.views import MOST_TEXT, PER_HOUR, TRAP
from crm_core.sales.models import Lead
from crm_core.service.models import Case
from processes import api

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LEAD = {"contact_name": "陈伟", "company": "华新食品", "email": "chen@hx.example", "message": "请报价"}
CASE = {"contact_name": "Chen", "contact_email": "chen@hx.example", "subject_line": "Belt torn", "description": "It tore."}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """No process hears of it, and nobody has sent anything yet."""
    monkeypatch.setattr(api, "message", lambda *_args, **_more: None)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def anybody():
    return Client()


def test_a_question_arrives_as_a_lead_in_the_language_of_the_page(anybody):
    answer = anybody.post(reverse("portal:lead_form"), {**LEAD, "consent": "yes"}, headers={"accept-language": "zh-hans"})

    assert answer.status_code == 302
    lead = Lead.objects.get()
    assert (lead.company, lead.language, lead.source, lead.consent) == ("华新食品", "zh-hans", "web_form", True)


def test_a_complaint_leads_to_its_own_page(anybody):
    answer = anybody.post(reverse("portal:complaint_form"), CASE)

    assert answer.status_code == 302
    assert Case.objects.get().number in anybody.get(answer["Location"]).content.decode()


def test_the_same_delivery_twice_is_one(anybody):
    for _click in range(2):
        assert anybody.post(reverse("portal:lead_form"), {**LEAD, "_delivery": "d1"}).status_code == 302
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(("name", "data", "model"), [("portal:lead_form", LEAD, Lead), ("portal:complaint_form", CASE, Case)])
def test_a_program_that_fills_in_the_hidden_field_gets_nowhere_and_is_not_told(anybody, name, data, model):
    assert anybody.post(reverse(name), {**data, TRAP: "http://spam.example"}).status_code == 302
    assert not model.objects.exists()


@pytest.mark.parametrize(("name", "data", "model"), [("portal:lead_form", LEAD, Lead), ("portal:complaint_form", CASE, Case)])
def test_too_many_from_one_address_wait_and_another_address_does_not(anybody, name, data, model):
    for _time in range(PER_HOUR):
        assert anybody.post(reverse(name), data).status_code == 302

    answer = anybody.post(reverse(name), data)

    assert answer.status_code == 429
    assert "Please try again later" in answer.content.decode()
    assert model.objects.count() == PER_HOUR
    assert anybody.post(reverse(name), data, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_made_up_forwarding_header_does_not_get_round_the_limit(anybody):
    for number in range(PER_HOUR):
        anybody.post(reverse("portal:lead_form"), LEAD, headers={"x-forwarded-for": f"192.0.2.{number}"})
    assert anybody.post(reverse("portal:lead_form"), LEAD, headers={"x-forwarded-for": "192.0.2.99"}).status_code == 429


@pytest.mark.parametrize(("name", "data", "field", "model"),
                         [("portal:lead_form", LEAD, "message", Lead), ("portal:complaint_form", CASE, "description", Case)])  # fmt: skip
def test_a_text_of_64_kilobytes_is_refused_with_a_sentence_and_kept_on_the_page(anybody, name, data, field, model):
    text = "It tore. " * 7300
    answer = anybody.post(reverse(name), {**data, field: text})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"Please keep it below {MOST_TEXT} characters." in page
    assert text.strip() in page
    assert not model.objects.exists()
    assert anybody.post(reverse(name), {**data, field: text[: MOST_TEXT - 1]}).status_code == 302


def test_a_long_complaint_is_kept_to_its_last_word(anybody):
    anybody.post(reverse("portal:complaint_form"), {**CASE, "description": "It tore. " * 1000 + "The end."})
    assert Case.objects.get().description.endswith("The end.")


@pytest.mark.parametrize(("name", "data", "model"), [("portal:lead_form", LEAD, Lead), ("portal:complaint_form", CASE, Case)])
def test_null_characters_are_dropped_and_break_nothing(anybody, name, data, model):
    assert anybody.post(reverse(name), {key: f"{text[:2]}\x00{text[2:]}" for key, text in data.items()}).status_code == 302
    assert model.objects.get().contact_name == data["contact_name"]


@pytest.mark.parametrize("name", ["portal:lead_form", "portal:complaint_form"])
def test_a_form_in_another_encoding_is_refused_or_read_but_never_breaks(anybody, name):
    body = "contact_name=陈伟&company=华新&email=chen@hx.example&message=请报价&subject_line=断了&description=断了".encode("gb18030")

    labelled = anybody.generic("POST", reverse(name), body, content_type="application/x-www-form-urlencoded; charset=gb18030")
    unlabelled = anybody.generic("POST", reverse(name), body, content_type="application/x-www-form-urlencoded")

    assert labelled.status_code == 400
    assert unlabelled.status_code in (302, 422)


@pytest.mark.parametrize(("name", "data"), [("portal:lead_form", {"message": "Hi"}), ("portal:complaint_form", {"contact_name": "Chen"})])
def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(anybody, name, data):
    answer = anybody.post(reverse(name), data)

    assert answer.status_code == 422
    assert next(iter(data.values())) in answer.content.decode()
    assert answer.context["errors"]


@pytest.mark.parametrize("name", ["portal:lead_form", "portal:complaint_form"])
def test_the_pages_load_nothing_from_elsewhere_set_no_tracking_and_are_in_no_search(anybody, name):
    answer = anybody.get(reverse(name))
    page = answer.content.decode()

    assert not re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", page)
    assert set(anybody.cookies) <= {"csrftoken", "django_language"}
    assert answer["X-Robots-Tag"] == "noindex"
    assert "'self'" in answer["Content-Security-Policy"]


def test_what_a_customer_types_is_shown_as_text(anybody):
    anybody.post(reverse("portal:complaint_form"), {**CASE, "description": "<script>alert(1)</script>"})
    answer = anybody.post(reverse("portal:lead_form"), {"message": "<script>alert(1)</script>"})

    assert "<script>alert" not in answer.content.decode()

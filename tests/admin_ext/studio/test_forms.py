"""The pages of forms: who draws, who looks, making, copying and removing, and the frame in which a form is looked at."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from admin_ext.studio import form_words
from processes import api
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from tests.processes.inbox.house import house, person, thing
from tests.processes.publication.drawing import FORM, drawing, user_task

pytestmark = pytest.mark.django_db
SCRIPTS = Path(form_words.__file__).parents[1] / "frontend/src/studio"
ROOM = "/processes/deal/forms/"


@pytest.fixture(autouse=True)
def things() -> Any:
    """The record that the process is about."""
    with house():
        yield


@pytest.fixture
def version() -> ProcessVersion:
    """A version in use with one form at one step."""
    definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"}, subject_type="thing")
    bpmn = drawing(user_task(form="f", role="seller"), process='<redraw:process subject="thing"/>')
    return ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={"f": FORM}, state=State.PUBLISHED)


def signed_in(*roles: str) -> Client:
    client = Client()
    user = person("-".join(roles) or "nobody", *roles)
    user.is_staff = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def forms_now() -> dict[str, Any]:
    """The forms of the draft."""
    return dict(ProcessVersion.objects.get(state=State.DRAFT).forms)


def test_who_answers_for_the_process_opens_the_draft_and_draws(version):
    owner = signed_in("process_owner")

    looked = owner.get(ROOM + "f/").content.decode()
    opened = owner.post("/processes/deal/draw-forms/", {"form": "f"})
    drawn = owner.get(ROOM + "f/").content.decode()

    assert 'id="canvas"' not in looked
    assert (opened.status_code, opened["Location"]) == (302, ROOM + "f/")
    assert 'id="canvas"' in drawn
    assert "thing.need" in drawn


def test_everybody_who_works_here_looks_and_nobody_else_draws(version):
    seller = signed_in("seller")

    page = seller.get(ROOM + "f/")
    assert page.status_code == 200
    assert 'id="canvas"' not in page.content.decode()
    assert "Open the draft" not in page.content.decode()
    for address, data in (("/processes/deal/draw-forms/", {}), ("/processes/deal/new-form/", {"name": "more"}), (ROOM + "f/remove/", {})):
        assert seller.post(address, data).status_code == 403, address
    assert ProcessVersion.objects.count() == 1


def test_the_draft_is_nobody_elses(version):
    signed_in("process_owner").post("/processes/deal/draw-forms/")
    draft = ProcessVersion.objects.get(state=State.DRAFT)
    seller = signed_in("seller")

    for what in ("preview", "fields", "findings"):
        assert seller.post(f"{ROOM}f/{what}/", {"version": draft.pk, "content": "{}"}).status_code == 404, what
    assert seller.post(f"{ROOM}f/preview/", {"version": version.pk}).status_code == 200


def test_a_form_is_made_copied_and_removed(version):
    owner = signed_in("process_owner")

    made = owner.post("/processes/deal/new-form/", {"name": "more"})
    owner.post("/processes/deal/new-form/", {"name": "again", "copy": "f"})

    assert made["Location"] == ROOM + "more/"
    assert forms_now()["more"] == {"type": "default", "schemaVersion": 16, "id": "more", "components": []}
    assert forms_now()["again"] == {**FORM, "id": "again"}
    assert owner.post(ROOM + "more/remove/").status_code == 302
    assert sorted(forms_now()) == ["again", "f"]
    assert ProcessVersion.objects.get(pk=version.pk).forms == {"f": FORM}


@pytest.mark.parametrize(("name", "sentence"), [
    ("9 lives", "cannot be the key of a form"), ("", "cannot be the key of a form"), ("f", "already"), ("a" * 80, "cannot be the key"),
])  # fmt: skip
def test_a_key_that_will_not_do_is_refused(version, name, sentence):
    answer = signed_in("process_owner").post("/processes/deal/new-form/", {"name": name})

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert forms_now() == {"f": FORM}


def test_a_form_that_a_step_asks_with_stays(version):
    answer = signed_in("process_owner").post(ROOM + "f/remove/")

    assert answer.status_code == 400
    assert "is asked at “Work”" in answer.content.decode()
    assert forms_now() == {"f": FORM}


def test_a_form_that_is_not_there_is_not_there(version):
    owner = signed_in("process_owner")

    assert owner.get(ROOM + "nothing/").status_code == 404
    assert owner.get("/processes/other/forms/").status_code == 404
    assert owner.post(f"{ROOM}nothing/preview/", {"version": version.pk}).status_code == 404
    assert owner.post("/processes/deal/new-form/", {"name": "x", "copy": "nothing"}).status_code == 404


def test_the_frame_may_stand_in_pages_of_ours_alone_and_runs_nothing_of_a_form(version):
    thing(need="<img src=x onerror=alert(1)>")
    owner = signed_in("process_owner")
    hostile = {"components": [
        {"type": "text", "text": "<script>alert(1)</script> {{= thing.need }}"},
        {"type": "textfield", "key": "a", "label": "<b>bold</b>", "description": '"><iframe src="//elsewhere.example">'},
        {"type": "select", "key": "s", "label": "S", "values": [{"label": "<i>one</i>", "value": '"><script>'}]},
        {"type": "html", "content": "<script>alert(1)</script>"}, {"type": "iframe", "url": "https://elsewhere.example"},
    ]}  # fmt: skip

    answer = owner.post(f"{ROOM}f/preview/", {"version": version.pk, "_schema": json.dumps(hostile), "_language": "en"})
    page, policy = answer.content.decode(), answer["Content-Security-Policy"]

    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in policy
    assert "'none' 'self'" not in policy
    assert "script-src 'self'" in policy
    for tag in ("<script>alert", "<img src=x", "<b>bold", "<iframe", "<i>one", "elsewhere.example\""):
        assert tag not in page, tag
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_the_page_itself_may_not_stand_in_a_frame(version):
    answer = signed_in("process_owner").get(ROOM + "f/")

    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_frame_speaks_the_chosen_language_and_tells_what_is_wrong(version):
    owner = signed_in("process_owner")
    sent = {"version": version.pk, "_language": "zh-hans", "_role": "auditor", "_try": "1", "_entered": "1", "need": "", "outcome": "yes", "amount": "3"}

    page = owner.post(f"{ROOM}f/preview/", sent).content.decode()

    assert 'lang="zh-hans"' in page
    assert "需求" in page
    with translation.override("zh-hans"):
        assert translation.gettext("This role does no step that asks with this form; it would not meet it.") in page
    assert 'id="e-need"' in page


def test_the_fields_answer_like_the_draft_of_a_task(version):
    answer = signed_in("process_owner").post(f"{ROOM}f/fields/", {"version": version.pk, "_entered": "1", "outcome": "no"}).json()

    assert answer["fields"]["reason"] == {"hidden": False, "required": True}


def test_findings_come_with_the_place_of_their_component(version):
    owner = signed_in("process_owner")
    content = json.dumps({"components": [{"type": "textfield", "key": "a"}]})

    found = owner.post(f"{ROOM}f/findings/", {"version": version.pk, "content": content}).json()["findings"]

    assert [(one["code"], one["place"], one["severity"]) for one in found] == [("no_label", "0", "error")]
    assert owner.post(f"{ROOM}f/findings/", {"version": version.pk, "content": "?"}).status_code == 400


@pytest.mark.parametrize(("address", "most"), [("", 24), ("f/", 24)])
def test_the_pages_cost_few_statements_however_many_forms_there_are(version, address, most):
    owner = signed_in("process_owner")
    owner.post("/processes/deal/draw-forms/")
    draft = ProcessVersion.objects.get(state=State.DRAFT)
    draft.forms = {"f": FORM, **{f"f{n}": FORM for n in range(40)}}
    draft.save()
    owner.get(ROOM + address)

    with CaptureQueriesContext(connection) as caught:
        assert owner.get(ROOM + address).status_code == 200
    assert len(caught) <= most


def test_every_word_of_the_scripts_comes_with_the_page_in_chinese():
    asked = set()
    for script in (SCRIPTS / "forms.js", SCRIPTS / "status.js", *sorted((SCRIPTS / "forms").glob("*.js"))):
        asked |= set(re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', script.read_text()))

    with translation.override("zh-hans"):
        words = form_words.words()

    assert len(asked) > 90
    assert asked - set(words) == set()
    assert set(form_words.WORDS) - asked == set()
    assert [text for text in asked if words[text] == text] == []


def test_a_form_for_a_step_is_made_with_a_key_of_its_own(version):
    owner = signed_in("process_owner")
    made = [
        owner.post("/processes/deal/form-for-step/", {"step": step, "kind": kind}).json()["form"]
        for step, kind in (("Approve the discount", "approval"), ("Approve the discount", "empty"), ("审批折扣", "approval"), ("20 % off?", ""))
    ]
    assert made == ["approve_the_discount", "approve_the_discount_2", "form", "form_20_off"]
    forms = forms_now()
    assert [one["key"] for one in forms["approve_the_discount"]["components"]] == ["approve_the_discount_answer", "approve_the_discount_reason"]
    assert forms["form"]["components"][0]["values"][1]["properties"] == {"label:zh-hans": "不同意"}
    assert forms["form"]["components"][1]["properties"]["requiredIf"] == '= form_answer = "refused"'
    assert forms["form_20_off"]["components"] == []
    assert not [one for one in api.forms_of(ProcessVersion.objects.get(state=State.DRAFT).pk, user=person("another", "process_owner"))
                if one.key == "form" and one.errors]  # fmt: skip


def test_nobody_else_makes_a_form_for_a_step(version):
    for role in ("seller", "process_reviewer"):
        assert signed_in(role).post("/processes/deal/form-for-step/", {"step": "X", "kind": "approval"}).status_code in (403, 404)
    assert not ProcessVersion.objects.filter(state=State.DRAFT).exists()

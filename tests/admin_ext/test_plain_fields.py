"""Columns that hold a structure are filled in with words and texts; nobody meets braces."""

from __future__ import annotations

import pytest

from crm_core.activities.models import Template
from crm_core.kernel.models import Employee
from crm_core.marketing.models import Campaign
from tests.crm_core.support import branch, person, role
from tests.support.forms import client_of, save, shown

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def worker():
    kinds = ("template", "employee", "campaign", "branch", "team")
    return person(role("worker", **dict.fromkeys(kinds, dict.fromkeys(("view", "add", "change"), "all"))), at=branch("shanghai"))


def test_a_text_for_each_language_is_written_in_its_own_box_and_an_empty_one_is_left_out(worker):
    made = save(worker, Template, key="hello", kind="email", names_en="Hello", names_zh_hans="您好", subjects_en="Hi", bodies_zh_hans="正文\n二")

    assert (made.names, made.subjects, made.bodies) == ({"en": "Hello", "zh-hans": "您好"}, {"en": "Hi"}, {"zh-hans": "正文\n二"})


def test_a_template_needs_a_name_in_some_language(worker):
    address, sent = shown(worker, Template)
    answer = client_of(worker).post(address, {**sent, "key": "hello", "kind": "email"})

    assert "names" in answer.context["adminform"].form.errors
    assert not Template.objects.exists()


def test_words_are_parted_by_commas_of_either_script_and_stand_once(worker):
    employee = worker.employee
    save(worker, Employee, employee.pk, skills="key_account， software, software、 ")

    employee.refresh_from_db()
    assert employee.skills == ["key_account", "software"]


def test_saving_a_form_leaves_what_it_did_not_touch(worker):
    employee = worker.employee
    Employee.objects.filter(pk=employee.pk).update(skills=["a", "b"], languages=["zh-hans", "pt_br"])

    save(worker, Employee, employee.pk, title="Expert")

    employee.refresh_from_db()
    assert (employee.title, employee.skills, employee.languages) == ("Expert", ["a", "b"], ["zh-hans", "pt_br"])


def test_channels_are_ticked(worker):
    made = save(worker, Campaign, name="Belts", channels=["email", "wechat"], owner=worker.pk)

    assert made.channels == ["email", "wechat"]


@pytest.mark.parametrize("model", [Template, Employee, Campaign])
def test_no_form_shows_braces(worker, model):
    address, _sent = shown(worker, model)
    page = client_of(worker).get(address).content.decode()

    assert ">{}<" not in page
    assert ">\n{}</textarea" not in page
    assert "[]</textarea" not in page

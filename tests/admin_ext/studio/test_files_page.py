"""The content of a process taken out and brought in through the pages."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from processes.catalog import archive, exporting
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from tests.processes.inbox.house import house, person
from tests.processes.publication.drawing import FORM, drawing, rule_task, table, user_task

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/processes/deal/files/"


@pytest.fixture(autouse=True)
def things() -> Any:
    """The people and the record of a small house."""
    with house():
        yield


@pytest.fixture
def deal() -> ProcessVersion:
    """A published process that asks a decision."""
    definition = ProcessDefinition.objects.create(key="deal", titles={"en": "Deal"}, owner_role="seller")
    size = DecisionDefinition.objects.create(key="size", titles={"en": "Size"})
    DecisionVersion.objects.create(definition=size, number=1, dmn=table(), state=State.PUBLISHED)
    bpmn = drawing(user_task("A", form="f"), rule_task("size"))
    return ProcessVersion.objects.create(definition=definition, number=1, bpmn=bpmn, forms={"f": FORM})


def published(version: ProcessVersion) -> ProcessVersion:
    version.state = State.PUBLISHED
    version.save()
    return version


def signed_in(*roles: str) -> Client:
    client = Client()
    user = person("-".join(roles) or "nobody", *roles)
    user.is_staff = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent(client: Client, data: bytes) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile("deal.zip", data, "application/zip")})


def changed(version: ProcessVersion, **files: str) -> bytes:
    """The file of a version with other contents; a name is that of the file with `_` for what cannot stand in a word."""
    found = exporting.files_of(version)
    for name, text in files.items():
        found[next(path for path in found if path.replace("/", "_").replace(".", "_") == name)] = text.encode()
    return archive.packed(found, "deal")


def numbers() -> list[tuple[int, str]]:
    return list(ProcessVersion.objects.order_by("number").values_list("number", "state"))


def test_what_is_taken_out_holds_the_folder(deal):
    answer = signed_in("process_owner").get("/processes/deal/export/")

    assert (answer.status_code, answer["Content-Type"], answer["Content-Disposition"]) == (
        200, "application/zip", 'attachment; filename="deal-v1.zip"'
    )  # fmt: skip
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["deal/forms/f.json", "deal/meta.toml", "deal/process.bpmn", "deal/size.dmn"]


def test_what_is_brought_in_becomes_a_draft_and_changes_nothing_else(deal):
    published(deal)
    data = changed(
        deal, forms_f_json=json.dumps(FORM | {"components": FORM["components"][:2]}), size_dmn=table(limit=20),
        meta_toml='key = "deal"\nowner_role = "boss"\n[title]\nen = "Taken over"\n',
    )  # fmt: skip

    answer = sent(signed_in("process_owner"), data)

    assert (answer.status_code, answer["Location"]) == (302, "/processes/deal/difference/?to=2")
    assert numbers() == [(1, "published"), (2, "draft")]
    assert list(DecisionVersion.objects.order_by("number").values_list("number", "state")) == [(1, "published"), (2, "draft")]
    row = ProcessDefinition.objects.get()
    assert (row.titles, row.owner_role) == ({"en": "Deal"}, "seller")


def test_known_content_changes_nothing(deal):
    answer = sent(signed_in("process_owner"), changed(deal))

    assert answer["Location"] == PAGE
    assert numbers() == [(1, "draft")]


def test_what_is_refused_is_said_and_nothing_is_stored(deal):
    published(deal)
    owner = signed_in("process_owner")
    other = exporting.files_of(deal) | {"meta.toml": b'key = "other"\n[title]\nen = "O"\n'}
    refused = {
        b"no zip": "no ZIP file", changed(deal, process_bpmn="<a/>"): "process.bpmn",
        changed(deal, meta_toml="key = "): "meta.toml", changed(deal, size_dmn="<a/>"): "size.dmn",
        archive.packed(other, "deal"): "This is the process “other”",
        archive.packed({"process.bpmn": b"<a/>"}, "deal"): "The file is missing.",
    }  # fmt: skip

    for data, sentence in refused.items():
        answer = sent(owner, data)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True), sentence
    assert owner.post(PAGE, {}).status_code == 422
    assert (numbers(), ProcessDefinition.objects.count(), DecisionVersion.objects.count()) == ([(1, "published")], 1, 1)


def test_a_draft_that_is_worked_on_stays(deal):
    answer = sent(signed_in("process_owner"), changed(deal, forms_f_json=json.dumps(FORM | {"components": []})))

    assert (answer.status_code, "deal v1 is being worked on" in answer.content.decode()) == (422, True)
    assert numbers() == [(1, "draft")]


def test_a_decision_that_others_answer_for_stays(deal):
    published(deal)
    client = signed_in("seller")
    deal.definition.owner = get_user_model().objects.get(username="seller")
    deal.definition.save()

    answer = sent(client, changed(deal, size_dmn=table(limit=20)))

    assert (answer.status_code, "somebody else answers for" in answer.content.decode()) == (422, True)
    assert (numbers(), DecisionVersion.objects.count()) == ([(1, "published")], 1)


@pytest.mark.parametrize("roles", [("seller",), ("auditor",), ()])
def test_others_neither_take_out_nor_bring_in(deal, roles):
    published(deal)
    client = signed_in(*roles)

    answers = [client.get("/processes/deal/export/"), client.get(PAGE), sent(client, changed(deal, size_dmn=table(limit=20)))]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (numbers(), DecisionVersion.objects.count()) == ([(1, "published")], 1)

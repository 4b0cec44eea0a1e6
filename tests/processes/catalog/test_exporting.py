"""A version written as files and read again is the same content; what lies there already is not written over."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from processes.catalog import exporting
from processes.catalog.errors import UnreadableFolder, WouldOverwrite
from processes.catalog.folder import read_folder
from processes.catalog.loading import SHIPPED, load_all, load_folder
from processes.catalog.models import DecisionVersion, ProcessDefinition, ProcessVersion
from tests.processes.publication.drawing import FORM, drawing, user_task

pytestmark = pytest.mark.django_db
KEYS = sorted(path.parent.name for path in SHIPPED.glob("*/meta.toml"))


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("process", *words, stdout=out)
    return out.getvalue()


def version(**more: Any) -> ProcessVersion:
    definition = ProcessDefinition.objects.create(
        key="deal", titles={"en": 'A "deal" \\ \x7f', "zh-hans": "交易"}, descriptions={"en": "One\nTwo"}, category="sales"
    )
    values = {"bpmn": drawing(user_task(form="f")), "forms": {"f": FORM}, "notes": "# Deal\n", "tests": [{"name": "a"}]} | more
    return ProcessVersion.objects.create(definition=definition, number=1, **values)


def test_every_shipped_process_is_written_as_it_was_read(tmp_path):
    load_all()
    before = ProcessVersion.objects.count(), DecisionVersion.objects.count()
    assert len(KEYS) >= 5

    for key in KEYS:
        folder, written = exporting.write_folder(ProcessVersion.objects.get(definition__key=key), tmp_path)
        shipped, found = read_folder(SHIPPED / key), read_folder(folder)

        assert written
        assert (found.content_hash, found.notes, found.titles, found.descriptions) == (
            shipped.content_hash, shipped.notes, shipped.titles, shipped.descriptions
        )  # fmt: skip
        assert (found.category, found.subject_type, found.owner_role) == (shipped.category, shipped.subject_type, shipped.owner_role)
        hashes = {file.key: file.content_hash for file in shipped.decisions}
        assert {file.key: hashes.get(file.key, file.content_hash) for file in found.decisions} == {f.key: f.content_hash for f in found.decisions}
        assert (folder / "process.bpmn").read_bytes() == (SHIPPED / key / "process.bpmn").read_bytes()
        assert load_folder(folder).new is False

    assert (ProcessVersion.objects.count(), DecisionVersion.objects.count()) == before


def test_what_was_written_is_read_word_for_word(tmp_path):
    made = version()

    found = read_folder(exporting.write_folder(made, tmp_path)[0])

    assert (found.bpmn, found.forms, found.notes, found.tests) == (made.bpmn, made.forms, made.notes, made.tests)
    assert (found.titles, found.descriptions) == (made.definition.titles, made.definition.descriptions)


def test_other_tests_are_another_version_and_no_tests_say_nothing_of_them(tmp_path):
    folder, _written = exporting.write_folder(version(), tmp_path)
    assert load_folder(folder).new is False

    (folder / "tests.json").unlink()
    assert load_folder(folder).new is False

    (folder / "tests.json").write_text('[{"name": "b"}]')
    loaded = load_folder(folder)
    assert (loaded.new, loaded.version.number, loaded.version.tests) == (True, 2, [{"name": "b"}])


@pytest.mark.parametrize("text", ["{}", '["a"]', "[" * 100_000])
def test_what_is_no_list_of_tests_is_refused(tmp_path, text):
    folder, _written = exporting.write_folder(version(), tmp_path)
    (folder / "tests.json").write_text(text)

    with pytest.raises(UnreadableFolder, match=r"deal/tests\.json"):
        load_folder(folder)
    assert ProcessVersion.objects.count() == 1


def test_nothing_is_written_over_unless_it_is_asked_for(tmp_path):
    made = version()
    folder, _written = exporting.write_folder(made, tmp_path)
    (folder / "README.md").write_text("mine")
    (folder / "forms" / "old.json").write_text("{}")
    (folder / "notes.txt").write_text("not ours")

    with pytest.raises(WouldOverwrite, match=r"README\.md, forms/old\.json"):
        exporting.write_folder(made, tmp_path)
    assert (folder / "README.md").read_text() == "mine"

    _folder, written = exporting.write_folder(made, tmp_path, replace=True)
    assert written == ["README.md", "forms/old.json"]
    assert ((folder / "README.md").read_text(), (folder / "forms" / "old.json").exists()) == ("# Deal\n", False)
    assert (folder / "notes.txt").read_text() == "not ours"
    assert exporting.write_folder(made, tmp_path)[1] == []


def test_the_commands_tell_what_they_did(tmp_path):
    version()

    assert run("export", "deal", "--to", str(tmp_path)).startswith(f"deal v1 is written to {tmp_path / 'deal'}: README.md, forms/f.json")
    assert run("export", "deal", "--to", str(tmp_path)) == f"{tmp_path / 'deal'} holds deal v1 already; nothing was written.\n"
    assert run("import", str(tmp_path)) == "deal v1 is this very content already; nothing has changed.\n"
    Path(tmp_path / "deal" / "forms" / "f.json").write_text(json.dumps(FORM | {"components": []}))
    assert run("import", str(tmp_path / "deal")) == "deal v2 is loaded.\n"
    with pytest.raises(CommandError, match="has no version 9"):
        run("export", "deal", "--number", "9", "--to", str(tmp_path))
    with pytest.raises(CommandError, match="There is no folder"):
        run("import", str(tmp_path / "nothing"))

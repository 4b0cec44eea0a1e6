"""Folders become versions: once per content, and what cannot be read is refused with its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from processes.catalog.errors import UnreadableFolder
from processes.catalog.loading import SHIPPED, load_all, load_folder
from processes.catalog.models import DecisionVersion, ProcessDefinition, ProcessVersion, State

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a shipped folder that a test may change."""
    return Path(shutil.copytree(SHIPPED / "lead_assignment", tmp_path / "lead_assignment"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def numbers(key: str) -> list[int]:
    return sorted(ProcessVersion.objects.filter(definition__key=key).values_list("number", flat=True))


def test_a_folder_becomes_a_draft_with_its_forms_and_decisions(folder):
    loaded = load_folder(folder)

    assert loaded.new
    version = ProcessVersion.objects.get()
    assert (version.number, version.state) == (1, State.DRAFT)
    assert version.bpmn == (folder / "process.bpmn").read_text()
    assert set(version.forms) == {p.stem for p in (folder / "forms").glob("*.json")}
    assert version.notes.startswith("# Lead assignment")
    assert version.definition.titles == {"en": "Lead assignment", "zh-hans": "线索分配"}
    assert (version.definition.subject_type, version.definition.owner_role) == ("lead", "sales_manager")
    decisions = {v.definition.key: v for v in DecisionVersion.objects.select_related("definition")}
    assert set(decisions) == {"lead_route", "lead_score"}
    assert decisions["lead_route"].examples == json.loads((folder / "lead_route.examples.json").read_text())
    assert "zh-hans" in decisions["lead_route"].definition.titles


def test_loading_the_same_content_again_adds_and_writes_nothing(folder, django_assert_num_queries):
    load_folder(folder)

    with django_assert_num_queries(5):  # a savepoint and back, and one look for each of its three contents
        again = load_folder(folder)

    assert not again.new
    assert numbers("lead_assignment") == [1]
    assert DecisionVersion.objects.count() == 2


def test_changed_content_becomes_the_next_version_and_the_rest_stays(folder):
    load_folder(folder)
    change(folder / "process.bpmn", 'name="Score and grade"', 'name="Score it"')

    loaded = load_folder(folder)

    assert (loaded.version.number, loaded.new) == (2, True)
    assert numbers("lead_assignment") == [1, 2]
    assert DecisionVersion.objects.count() == 2
    change(folder / "process.bpmn", 'name="Score it"', 'name="Score and grade"')
    assert load_folder(folder).version.number == 1  # its content is known


def test_an_example_changed_is_a_new_version_of_its_decision_alone(folder):
    load_folder(folder)
    change(folder / "lead_score.examples.json", '"employees": 320', '"employees": 321')

    load_folder(folder)

    found = DecisionVersion.objects.filter(definition__key="lead_score").values_list("number", flat=True)
    assert sorted(found) == [1, 2]
    assert numbers("lead_assignment") == [1]


def test_titles_that_somebody_changed_here_stay_until_content_changes(folder):
    load_folder(folder)
    ProcessDefinition.objects.update(titles={"en": "Enquiries"})

    load_folder(folder)

    assert ProcessDefinition.objects.get().titles == {"en": "Enquiries"}


def test_everything_shipped_loads_and_a_second_time_changes_nothing():
    first = load_all()

    assert all(item.new for item in first)
    assert not any(item.new for item in load_all())


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">]><l>&c;</l>'
)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("process.bpmn", ENTITIES, "process.bpmn: .*DOCTYPE, which is refused"),
        ("process.bpmn", LAUGHS, "process.bpmn: .*DOCTYPE, which is refused"),
        ("process.bpmn", "<a>\n<b></a>", "process.bpmn: Line 2: .*not well-formed XML"),
        ("process.bpmn", "<a/>", "process.bpmn: .*not BPMN 2.0"),
        ("process.bpmn", None, "process.bpmn: The file is missing"),
        ("lead_score.dmn", ENTITIES, "lead_score.dmn: "),
        ("lead_score.dmn", "<a/>", "lead_score.dmn: "),
        ("lead_score.examples.json", "[1,]", r"lead_score.examples.json: Line 1, column 4 is not JSON"),
        ("lead_score.examples.json", '[{"in": {}}]', "Example 1 must have “in” and “out”"),
        ("lead_score.examples.json", "{}", "must hold a list of examples"),
        ("forms/qualify.json", "{,", "forms/qualify.json: Line 1, column 2 is not JSON"),
        ("forms/qualify.json", '{"id": "other"}', "The form calls itself “other”"),
        ("forms/qualify.json", "[]", "A form is an object"),
        ("meta.toml", "key = ", "meta.toml: The file is not TOML"),
        ("meta.toml", 'key = "Lead Assignment"', "The key “Lead Assignment” must begin"),
        ("meta.toml", 'key = "lead_assignment"', "The title is missing"),
        ("meta.toml", 'key = "x"\nowner = "me"', "“owner” is not known here"),
        ("meta.toml", 'key = "other"\n[title]\nen = "x"', "no executable process with the id “other”"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place_and_nothing_is_stored(folder, file, text, said):
    path = folder / file
    path.unlink()
    if text is not None:
        path.write_text(text)

    with pytest.raises(UnreadableFolder, match=said):
        load_folder(folder)

    assert not ProcessVersion.objects.exists()
    assert not DecisionVersion.objects.exists()


def test_a_file_that_is_not_utf_8_is_refused_with_the_byte(folder):
    (folder / "process.bpmn").write_bytes(b"<a>" + "线索".encode("gb18030") + b"</a>")

    with pytest.raises(UnreadableFolder, match="Byte 4 is not UTF-8"):
        load_folder(folder)


def test_a_folder_without_anything_is_refused(tmp_path):
    with pytest.raises(UnreadableFolder, match="holds no process"):
        load_all([tmp_path])
    with pytest.raises(UnreadableFolder, match="There is no folder"):
        load_all([tmp_path / "nowhere"])

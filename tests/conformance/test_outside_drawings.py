"""The outside drawings, where they are there: each must-reject drawing gives the code and the element of its rule."""

from __future__ import annotations

import pytest

from processes.bpmn import parse
from processes.lint import ERROR, MESSAGES, check
from tests.conformance import round_trip
from tests.conformance.betsy import rewritten
from tests.conformance.bpmn_files import EXPECTED, MUST_REJECT, kept, refused


def test_the_table_names_codes_of_lint_that_are_errors():
    assert len(EXPECTED) == 61
    assert {entry["code"] for entry in EXPECTED.values()} <= {*MESSAGES}


@pytest.mark.outside_data
def test_every_drawing_that_must_be_refused_stands_in_the_table(outside_data):
    folder = outside_data / "bpmn" / MUST_REJECT
    assert {file.relative_to(folder).as_posix() for file in folder.rglob("*.bpmn")} == set(EXPECTED)


@pytest.mark.outside_data
@pytest.mark.parametrize("name", EXPECTED)
def test_a_drawing_that_breaks_a_rule_is_refused_with_the_rule_and_the_element(name, outside_data):
    assert refused((outside_data / "bpmn" / MUST_REJECT / name).read_bytes(), name) == ""


@pytest.mark.outside_data
def test_reference_drawings_are_kept_without_loss(outside_data):
    files = sorted((outside_data / "bpmn/miwg").rglob("*.bpmn"))
    assert len(files) >= 11
    assert {file.name: kept(file.read_bytes(), file.name) for file in files} == dict.fromkeys([f.name for f in files], "")


@pytest.mark.outside_data
def test_of_the_drawings_that_are_to_run_only_the_faulty_ones_are_given_an_error(outside_data):
    folder = outside_data / "bpmn/betsy"
    files = sorted(folder.rglob("*.bpmn"))
    assert len(files) == 47
    refused_ones = {
        file.relative_to(folder).parts[0]
        for file in files
        if any(p.severity == ERROR for p in check(parse(rewritten(file.read_text(encoding="utf-8")))))
    }
    assert refused_ones == {"errors"}


@pytest.mark.outside_data
def test_every_drawing_comes_back_as_it_was_but_for_what_was_edited(outside_data):
    files = sorted((outside_data / "bpmn").rglob("*.bpmn"))

    found = round_trip.by_hand(files, outside_data)

    assert (found.total, found.failures) == (119, [])
    assert (found.laid_out, found.with_comments, found.comments_kept) == (48, 2, 2)


@pytest.mark.outside_data
def test_every_drawing_survives_the_manner_of_the_browsers_editor(outside_data):
    if not round_trip.has_editor():
        pytest.skip("node and the front end’s packages are not installed here")
    files = sorted((outside_data / "bpmn").rglob("*.bpmn"))

    found = round_trip.by_editor(files, outside_data)

    assert (found.total, found.failures) == (119, [])


@pytest.mark.parametrize(("old", "new"), [
    ("<!-- kept -->", ""), ('name="A"', 'name="B"'), ("<x:more/>", ""), ('x:own="1" ', ""), (' xmlns:x="urn:x"', ' xmlns:x="urn:x" id="other"'),
])  # fmt: skip
def test_the_comparison_sees_what_was_lost(old, new):
    xml = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:x="urn:x"><bpmn:process id="P"><!-- kept -->'
        '<bpmn:task x:own="1" id="T" name="A"/><bpmn:task id="U" name="U"><x:more/></bpmn:task></bpmn:process></bpmn:definitions>'
    )  # fmt: skip
    assert old in xml
    saved = xml.replace('name="U"', f'name="{round_trip.NAME}"')

    figures = round_trip.Figures()
    assert round_trip.compared(xml.encode(), saved.encode(), "U", figures, added_diagram=False) == ""
    assert round_trip.compared(xml.encode(), saved.replace(old, new).encode(), "U", figures, added_diagram=False).startswith("saved, it differs")

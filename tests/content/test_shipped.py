"""The content that comes with the product: every folder is whole, speaks both languages, and can be published."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from crm_core.demo.company import Company
from crm_core.demo.found import Founder
from processes import actions, ports
from processes.bpmn import parse
from processes.bpmn.model import Gateway, Model, Task
from processes.bpmn.xml import read
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of, note_of, questions_of, value_words
from processes.catalog.examples import main_decision, misses
from processes.catalog.folder import read_folder
from processes.catalog.loading import SHIPPED, load_all
from processes.catalog.models import DecisionDefinition, DecisionVersion, ProcessVersion, State
from processes.catalog.table_quality import table_quality
from processes.compiler.compile import compile_version
from processes.dmn import Document, load
from processes.dmn.model import Decision, TableBox
from processes.inbox.forms import FormSchema
from processes.publication import names
from processes.publication.checks import check, check_decision
from processes.publication.services import publish_loaded
from processes.rehearsal import rooms, testing
from tests.support.chinese import misprints

FOLDERS = sorted(path.parent for path in SHIPPED.glob("*/meta.toml"))
LANGUAGES = ("en", "zh-hans")
KEYS = [path.name for path in FOLDERS]
every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=KEYS)
HAN = re.compile(r"[㐀-鿿]")


@pytest.fixture
def seeded(db: Any) -> None:
    """The roles of the house, and all folders as drafts."""
    call_command("roles", "load", verbosity=0, stdout=io.StringIO())
    load_all()


def model_of(folder: Path) -> Model:
    return parse((folder / "process.bpmn").read_bytes())


def decisions_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.dmn"))


def test_the_flows_of_the_house_are_shipped():
    assert {"lead_assignment", "opportunity_stages", "terms_approval"} <= set(KEYS)


# --- drawings ----------------------------------------------------------------------------------------------
@every_folder
def test_nothing_speaks_against_publishing_it(folder, seeded):
    version = ProcessVersion.objects.get(definition__key=folder.name)

    found = check(version)

    assert [f"{f.severity} {f.code}: {f.sentence}" for f in found if f.severity != "warning"] == []
    assert [f.sentence for f in found if f.code in ("unknown_name", "unused_form", "not_translated")] == []


@every_folder
def test_actions_are_registered_with_the_inputs_that_are_given(folder):
    wrong = []
    for node in model_of(folder).nodes.values():
        used = getattr(node, "action", None)
        if used is None:
            continue
        action = actions.get_action(used.name)
        if action is None:
            wrong.append(f"{node.id}: there is no action {used.name}")
            continue
        given = {pair.name for pair in used.inputs}
        declared = {parameter.name: parameter.required for parameter in action.parameters}
        wrong += [f"{node.id}: {used.name} has no input {name}" for name in sorted(given - set(declared))]
        wrong += [f"{node.id}: {used.name} needs {name}" for name, needed in declared.items() if needed and name not in given]
    assert wrong == []


@every_folder
def test_its_subject_is_registered_and_owned(folder):
    read = read_folder(folder)

    assert ports.subjects().get(read.subject_type) is not None
    assert model_of(folder).process.ext.subject == read.subject_type
    assert read.owner_role
    assert read.notes.startswith("# ")


@every_folder
def test_every_element_is_drawn_in_the_picture(folder):
    model = model_of(folder)

    assert [node for node in model.nodes if node not in model.shapes] == []
    assert [flow for flow in model.flows if flow not in model.edges] == []


# --- values ------------------------------------------------------------------------------------------------
@every_folder
def test_the_values_of_tables_have_words_in_both_languages(folder):
    silent = []
    for path in decisions_of(folder):
        words = value_words(path.read_text())
        for place in Document(path.read_bytes()).tables:
            columns = [*place.table.inputs, *place.table.outputs]
            listed = {value for column in columns if column.allowed for value in re.findall(r'"([^"]*)"', column.allowed.text)}
            silent += [
                f"{path.stem}: {value}" for value in sorted(listed)
                if len(value) > 1 and not HAN.search(words.get(value, {}).get("zh-hans", ""))
            ]  # fmt: skip
    assert silent == []


# --- languages ---------------------------------------------------------------------------------------------
@every_folder
def test_the_drawing_speaks_both_languages(folder):
    model = model_of(folder)
    silent = [element for element, texts in _texts(model) if not _both(texts)]

    assert silent == []


def _texts(model: Model) -> Iterator[tuple[str, dict[str, str]]]:
    """Whatever a person may read on the drawing or beside it, by language."""
    tables: list[Any] = [model.processes, model.nodes, model.flows, model.lanes, model.participants]
    for table in tables:
        for element in table.values():
            needs_name = not (isinstance(element, Gateway) and len(element.outgoing) < 2) and table is not model.flows
            if element.name or (needs_name and element.id in model.shapes):
                yield element.id, {"en": element.name, **element.labels}
    for node in model.nodes.values():
        for what in (node.guidance, node.customer):
            if what:
                yield node.id, dict(what)
        if isinstance(node, Task):
            for item in node.checklist:
                yield f"{node.id}/{item.key}", dict(item.texts)
    for artifact in model.artifacts.values():
        if artifact.text:
            yield artifact.id, {"en": artifact.text, **artifact.labels}
    yield f"{model.process.id}/purpose", dict(model.process.purpose)
    for measure in model.process.measures:
        yield measure.key, dict(measure.texts)


def _both(texts: dict[str, str]) -> bool:
    return all(texts.get(language) for language in LANGUAGES) and bool(HAN.search(texts["zh-hans"]))


@every_folder
def test_people_get_guidance_for_each_of_their_steps(folder):
    nodes = model_of(folder).nodes.values()

    assert [n.id for n in nodes if n.kind in ("userTask", "manualTask") and not n.guidance] == []


@every_folder
def test_titles_speak_both_languages(folder):
    read = read_folder(folder)

    assert _both(dict(read.titles))
    assert _both(dict(read.descriptions))


@every_folder
def test_forms_can_be_read_and_speak_both_languages(folder):
    silent, mistakes = [], []
    for path in sorted((folder / "forms").glob("*.json")):
        form = FormSchema.parse(json.loads(path.read_text()))
        mistakes += [f"{path.name}: {m.sentence}" for m in form.mistakes]
        for item in form.walk():
            for texts in (item.labels, item.descriptions, item.texts, *(option.labels for option in item.options)):
                if texts and not all(texts.get(language) for language in LANGUAGES):
                    silent.append(f"{path.name}: {item.key or texts}")
    assert mistakes == []
    assert silent == []


@every_folder
def test_each_form_is_used_and_each_person_has_one(folder):
    model = model_of(folder)
    used = {node.task.form for node in model.nodes.values() if isinstance(node, Task) and node.task.form}

    assert used == {path.stem for path in (folder / "forms").glob("*.json")}
    assert [n.id for n in model.nodes.values() if n.kind == "userTask" and not n.task.form] == []


@every_folder
def test_its_chinese_is_punctuated_and_spaced_as_chinese(folder):
    wrong = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".bpmn", ".dmn"}:
            said = [element.text or "" for element in read(path.read_bytes()).iter() if element.get("lang") == "zh-hans"]
        elif path.suffix == ".json":
            said = list(_strings(json.loads(path.read_text())))
        else:
            continue
        wrong += [f"{path.name}: {text}" for text in said if HAN.search(text) and misprints(text)]

    assert wrong == []


def _strings(value: Any) -> Iterator[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from [part] if isinstance(part, str) else _strings(part)


# --- decisions ---------------------------------------------------------------------------------------------
@every_folder
def test_examples_of_decisions_hold_and_say_something_of_each_table(folder):
    for path in decisions_of(folder):
        decisions = load(path.read_bytes())
        examples = json.loads(path.with_name(path.stem + ".examples.json").read_text())

        assert len(examples) >= 3, path.name
        assert misses(decisions, path.stem, examples) == []


@every_folder
def test_tables_have_no_gap_no_contradiction_no_idle_rule_and_an_example_for_each_rule(folder):
    for path in decisions_of(folder):
        examples = json.loads(path.with_name(path.stem + ".examples.json").read_text())
        version = DecisionVersion(
            definition=DecisionDefinition(key=path.stem), number=1, dmn=path.read_text(), examples=examples
        )
        version.content_hash = version.compute_hash()
        tables = table_quality(version)

        assert {table.decision for table in tables} == {
            node.element.id for node in load(path.read_bytes()).nodes.values()
            if isinstance(node.element, Decision) and isinstance(node.element.logic, TableBox)
        }  # fmt: skip
        assert [finding.sentence for table in tables for finding in table.findings] == [], path.name
        assert [table.label for table in tables if not table.complete or table.tried < len(table.rules)] == [], path.name
        assert check_decision(version) == []


@every_folder
def test_decisions_are_named_in_both_languages_with_their_inputs(folder):
    for path in decisions_of(folder):
        labels = labels_of(path.read_text())
        decisions = load(path.read_bytes())
        main = main_decision(decisions, path.stem)

        assert _both(dict(labels.get(main, {}))), path.name
        unnamed = [info.name for info in decisions.inputs(main) if not _both(dict(labels.get(info.name, {})))]
        assert unnamed == [], path.name


@every_folder
def test_tables_say_in_both_languages_what_they_ask_what_their_columns_are_and_why_a_rule_stands(folder):
    silent = []
    for path in decisions_of(folder):
        labels, questions = labels_of(path.read_text()), questions_of(path.read_text())
        for node in load(path.read_bytes()).nodes.values():
            decision = node.element
            if not isinstance(decision, Decision):
                continue
            silent += [decision.id] if decision.question and not _both(dict(questions[decision.id])) else []
            if not isinstance(decision.logic, TableBox):
                continue
            for column in (*decision.logic.inputs, *decision.logic.outputs):
                silent += [column.element] if not _both(dict(labels.get(column.element, {}))) else []
            for rule in decision.logic.rules:
                noted = note_of(dict(rule.annotations), labels.get(rule.element, {}))
                silent += [rule.element] if not _both(noted) else []

    assert silent == []


@every_folder
def test_examples_are_named_in_both_languages_each_by_a_name_of_its_own(folder):
    for path in sorted(folder.glob("*.examples.json")):
        notes = [example.get("note", {}) for example in json.loads(path.read_text())]

        assert [note for note in notes if not _both(note)] == [], path.name
        for language in LANGUAGES:
            assert len({note[language] for note in notes}) == len(notes), path.name


@every_folder
def test_the_drawing_gives_each_decision_what_it_needs(folder):
    files = {path.stem: load(path.read_bytes()) for path in SHIPPED.glob("*/*.dmn")}
    for node in model_of(folder).nodes.values():
        if not isinstance(node, Task) or node.decision is None:
            continue
        decisions = files[node.decision.key]
        wanted = {info.name for info in decisions.inputs(node.decision.decision or node.decision.key)}
        given = {pair.name for pair in node.decision.inputs}
        assert given == wanted, f"{node.id} asks {node.decision.key}"


# --- together ----------------------------------------------------------------------------------------------
def test_everything_is_published_and_compiles_and_a_second_start_changes_nothing(seeded):
    published = publish_loaded(load_all())

    assert {done.version.definition.key for done in published} == set(KEYS)
    for version in catalog.published_versions():
        flow = compile_version(version)
        assert set(flow._by_id) == set(catalog.model_of(version).nodes)
    assert publish_loaded(load_all()) == []
    assert not ProcessVersion.objects.exclude(state=State.PUBLISHED).exists()


def test_what_a_called_process_is_given_it_knows(seeded):
    models = [model_of(folder) for folder in FOLDERS]
    for folder in FOLDERS:
        model = model_of(folder)
        forms = read_folder(folder).forms
        known = names.ALWAYS | names.names_set(model, forms) | names.names_given(folder.name, models)
        assert [finding.sentence for finding in names.unknown_names(model, known)] == []


def test_a_start_with_nothing_new_is_quick(seeded, django_assert_max_num_queries):
    publish_loaded(load_all())

    with django_assert_max_num_queries(4 + 6 * len(FOLDERS)):
        assert publish_loaded(load_all()) == []


TESTED = {"lead_assignment": 4, "opportunity_stages": 4, "terms_approval": 3, "complaint_handling": 5, "campaign_approval": 4, "process_change": 7}


@pytest.fixture
def company(db: Any, clock: ports.FixedClock) -> None:
    """The offices, catalogue and segments that the shipped tests were recorded in, and all folders as drafts."""
    rooms.make_empty_house()
    call_command("roles", "load", verbosity=0)
    founder = Founder(Company(settings.BASE_DIR / "fixtures/demo/company.toml"), clock.now().date())
    for part in (founder.offices, founder.staff, founder.catalogue, founder.segments):
        part()
    load_all()


@pytest.mark.both_databases
def test_every_shipped_process_test_holds(company: None, clock: ports.FixedClock) -> None:
    clock.move(clock.now() + timedelta(days=400))  # tests begin at their own moment
    wrong = {}
    for key in KEYS:
        results = testing.run(catalog.versions(key)[0])
        if len(results) < TESTED.get(key, 0) or any(not result.passed for result in results):
            wrong[key] = [(result.name, result.sentence) for result in results]
    assert wrong == {}


def test_a_table_that_decides_otherwise_breaks_the_tests_that_reach_it(company: None) -> None:
    limits = DecisionVersion.objects.select_related("definition").get(definition__key="terms_level")
    changed = re.sub(r'(id="commercial_level_r\d+_o1"><text>)"manager"', r'\1"director"', limits.dmn)
    assert changed != limits.dmn
    DecisionVersion(definition=limits.definition, number=limits.number + 1, dmn=changed, examples=[]).save()
    failed = {result.name: result.sentence for result in testing.run(catalog.versions("opportunity_stages")[0]) if not result.passed}
    assert set(failed) == {"Terms beyond the limits are decided beside the work"}
    assert "to be open, but what is open is “Propose”" in failed["Terms beyond the limits are decided beside the work"]

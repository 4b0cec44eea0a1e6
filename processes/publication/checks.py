"""Everything that is asked of a version before it may be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.contrib.auth.models import Group
from django.utils.translation import get_language

from processes.actions import all_actions
from processes.bpmn import BpmnError
from processes.bpmn.model import Model, Task
from processes.catalog import selectors as catalog
from processes.catalog.examples import misses
from processes.catalog.models import DecisionDefinition, DecisionVersion, ProcessDefinition, ProcessVersion
from processes.catalog.table_quality import table_quality
from processes.compiler.compile import CompileError, compile_version
from processes.dmn import DmnError
from processes.inbox.forms import FormSchema
from processes.lint import ERROR, check_text
from processes.lint import check as lint
from processes.lint.messages import SEVERITIES
from processes.publication import names
from processes.publication.findings import Finding, of_lint
from processes.rehearsal import testing
from processes.spoken import gettext as _
from processes.spoken import spoken


def check(version: ProcessVersion) -> list[Finding]:
    """What speaks against publishing a version: lint, its forms, names in its expressions, its compilation.

    Errors first. The decisions it asks are checked by `check_decision`.
    """
    try:
        model = catalog.model_of(version).read_in(get_language() or "en")
    except BpmnError:
        return [of_lint(problem) for problem in check_text(version.bpmn)]
    fields = names.subject_fields()
    problems = lint(
        model,
        decisions=dict.fromkeys(DecisionDefinition.objects.values_list("key", flat=True)),
        forms=version.forms,
        actions={action.name: action for action in all_actions()},
        roles=set(Group.objects.values_list("name", flat=True)),
        processes=set(ProcessDefinition.objects.values_list("key", flat=True)),
        subject_fields=fields,
    )
    known = names.names_reached(model, version.forms, version.definition.key)
    found = [of_lint(problem) for problem in problems]
    subject = model.process.ext.subject
    found += check_forms(version.forms, model, known, {subject: fields[subject]} if subject in fields else {})
    found += names.unknown_names(model, known)
    if not any(finding.severity == ERROR for finding in found):
        found += _compiles(version)
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def check_forms(
    forms: Mapping[str, object],
    model: Model,
    known: set[str] | frozenset[str],
    fields: Mapping[str, Mapping[str, bool]],
) -> Iterator[Finding]:
    """What is wrong with the forms that the drawing uses, and the forms that it does not use."""
    used = {node.task.form for node in model.nodes.values() if isinstance(node, Task) and node.task.form}
    for key, schema in forms.items():
        if key not in used:
            yield Finding("unused_form", key, "warning", _("No step uses the form “%(form)s”.") % {"form": key})
        form = FormSchema.parse(schema)
        for problem in form.problems(names=known, subject_fields=fields):
            yield Finding(
                problem.code, key, problem.severity,
                _("Form “%(form)s”: %(sentence)s") % {"form": key, "sentence": problem.sentence},
            )  # fmt: skip


def check_decision(version: DecisionVersion) -> list[Finding]:
    """What speaks against publishing a decision: a file that cannot be read, examples that do not hold, and what was
    found in its tables. Errors first."""
    key = version.definition.key
    try:
        decisions = catalog.decisions_of(version)
    except DmnError as error:
        sentence = _("The decision “%(key)s” cannot be read: %(reason)s") % {"key": key, "reason": error.message}
        return [Finding("bad_decision", key, ERROR, sentence)]
    found = [
        Finding("example_fails", key, ERROR, _("Decision “%(key)s”: ") % {"key": key} + miss.sentence)
        for miss in misses(decisions, key, version.examples)
    ]
    found += [
        Finding(item.code, item.element, item.severity, item.sentence)
        for table in table_quality(version) for item in table.findings
    ]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def check_tests(version: ProcessVersion) -> list[Finding]:
    """What the process tests say against publishing a version: those that fail. Those not run with this content yet are
    run now; what is known of the others is taken as it is. Asked at publication alone."""
    return [
        Finding("test_fails", result.element or result.name, ERROR,
                _("The test “%(name)s” fails. %(sentence)s") % {"name": result.name, "sentence": result.sentence})
        for result in testing.run(version) if not result.passed
    ]  # fmt: skip


def _compiles(version: ProcessVersion) -> Iterator[Finding]:
    try:
        compile_version(version)
    except (CompileError, BpmnError) as error:
        yield Finding("not_compiled", error.element, ERROR, spoken(error.sentence))

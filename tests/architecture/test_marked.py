"""What people read is marked for translation: texts of templates, and sentences that Python says to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("admin_ext", "crm_core", "processes")

TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
COMMENT = re.compile(r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.DOTALL)
MARKED = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
CLASSES = re.compile(r"\{%\s*block \w*class\s*%\}.*?\{%\s*endblock\s*%\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")
EMPTY = {"input", "img", "br", "hr", "meta", "link"}
READ_ALOUD = {"title", "alt", "placeholder", "aria-label", "aria-description"}
# Names and codes that are the same in every language.
NAMES = {"Redraw", "CRM"}

GETTEXT = {"_", "_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext",
           "say", "word", "mark"}  # fmt: skip
SHOWN = {"label", "verbose_name", "verbose_name_plural", "help_text", "title", "sentence", "description",
         "short_description", "heading", "empty_label", "help"}  # fmt: skip
SHOWN_KEYS = {"title", "label", "text", "message", "error", "sentence", "action", "words"}
# Errors whose words reach a person; all others are for programmers and operators.
SAID = {"ProcessError", "NotFound", "NotAllowed", "AlreadyTaken", "AlreadyDone", "StaleForm", "Invalid", "LockTimeout",
        "ValidationError", "PermissionDenied", "Http404", "Refused", "CompileError", "NotPublishable"}  # fmt: skip
# Why an expression, a decision, a drawing, a calendar or a step failed, wherever such a reason is made.
REASONS = {"Fault", "LimitReached", "FeelSyntaxError", "NotReadable", "Diagnostic", "DmnError", "BpmnError", "CalendarError",
           "BadDuration", "BadCalendar", "NoWorkingTime", "Failure", "Change", "Found", "fail", "_stop", "_bad"}  # fmt: skip
# file: words in it that nobody reads, with the reason.
ALLOWED = {
    "crm_core/demo/world.py": "the demo company's people speak their own language",
    "crm_core/rehearsing/samples.py": "a sample customer writes in their own language",
    "processes/bpmn/references.py": "templates of lint are translated by their code",
    "processes/runtime/jobs.py": "a call that only a programmer can get wrong",
}


class Texts(HTMLParser):
    """The texts of a page that are neither code nor said to be kept as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.kept: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        opens = tag in {"script", "style", "kbd", "code"} or given.get("translate") == "no"
        if tag not in EMPTY and (opens or tag in self.kept[-1:]):
            self.kept.append(tag)
        self.found += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        if self.kept and self.kept[-1] == tag:
            self.kept.pop()

    def handle_data(self, data: str) -> None:
        if not self.kept:
            self.found.append(data)


def bare_in_template(source: str) -> list[str]:
    """English words of a template outside every translation."""
    page = Texts()
    page.feed(TAG.sub(" ", CLASSES.sub(" ", MARKED.sub(" ", COMMENT.sub(" ", source)))))
    return [word for text in page.found for word in WORD.findall(re.sub(r"&\w+;", " ", text)) if word not in NAMES]


def called(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def bare(node: ast.AST) -> Iterator[str]:
    """Literals below a node that read like words and stand in no gettext call."""
    if isinstance(node, ast.Call) and called(node.func) in GETTEXT:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value.strip()
        if WORD.search(text) and (" " in text or text[:1].isupper()):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from bare(child)


def bare_in_python(source: str) -> list[str]:
    """Words that a module says to people without marking them."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and called(node.exc.func) in SAID:
            found += [text for argument in node.exc.args for text in bare(argument)]
        elif isinstance(node, ast.Call):
            if called(node.func) in REASONS:
                found += [text for argument in node.args for text in bare(argument)]
            if isinstance(node.func, ast.Attribute) and called(node.func.value) == "messages":
                found += [text for argument in node.args for text in bare(argument)]
            found += [text for k in node.keywords if k.arg in SHOWN for text in bare(k.value)]
        elif isinstance(node, ast.Assign) and any(called(target) == "fieldsets" for target in node.targets):
            for part in node.value.elts if isinstance(node.value, (ast.Tuple, ast.List)) else []:
                found += list(bare(part.elts[0])) if isinstance(part, ast.Tuple) else []
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in SHOWN_KEYS:
                    found += list(bare(value))
    return found


def modules() -> list[Path]:
    skipped = {"migrations", "management", "node_modules"}
    return [path for package in OURS for path in sorted((ROOT / package).rglob("*.py")) if not skipped & set(path.parts)]


@pytest.mark.parametrize("package", OURS)
def test_no_template_says_anything_in_english_alone(package: str) -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in sorted((ROOT / package).rglob("templates/**/*.html"))
        if (words := bare_in_template(path.read_text(encoding="utf-8")))
    }

    assert found == {}


def test_no_sentence_of_python_reaches_a_person_unmarked() -> None:
    found = {}
    for path in modules():
        name = str(path.relative_to(ROOT))
        words = bare_in_python(path.read_text(encoding="utf-8"))
        if words and name not in ALLOWED:
            found[name] = words

    assert found == {}


def test_the_engine_speaks_with_the_gettext_that_remembers_what_it_said() -> None:
    forgetful = re.compile(r"^from django\.utils\.translation import (?:.*\b)?gettext(?: as \w+)?(?:,|$)", re.MULTILINE)
    wrong = [str(path.relative_to(ROOT)) for path in modules() if path.is_relative_to(ROOT / "processes")
             and path.name != "spoken.py" and forgetful.search(path.read_text(encoding="utf-8"))]  # fmt: skip

    assert wrong == []
    assert forgetful.search("from django.utils.translation import gettext as _\n")
    assert not forgetful.search("from django.utils.translation import gettext_lazy as _\n")


def test_what_is_allowed_is_still_needed() -> None:
    idle = [name for name in ALLOWED if not bare_in_python((ROOT / name).read_text(encoding="utf-8"))]

    assert idle == []


def test_the_checks_bite() -> None:
    assert bare_in_template("<p>Hello {{ name }}</p>") == ["Hello"]
    assert bare_in_template('<a title="Open">{% translate "Open" %}</a>') == ["Open"]
    assert bare_in_template("{% blocktranslate %}All of it{% endblocktranslate %}<kbd>Ctrl</kbd>") == []
    assert bare_in_template('<b translate="no">Wang <b>Li</b></b> then') == ["then"]
    assert bare_in_python('raise Invalid("Write a text.")') == ["Write a text."]
    assert bare_in_python('raise Invalid(f"{n} is no number.")') == ["is no number."]
    assert bare_in_python('raise Invalid(_("Write a text."))') == []
    assert bare_in_python('messages.success(request, "Done.")') == ["Done."]
    assert bare_in_python('context = {"title": "People", "icon": "People"}') == ["People"]
    assert bare_in_python('Char(verbose_name="Name")') == ["Name"]
    assert bare_in_python('fieldsets = ((None, {}), ("Place", {}))') == ["Place"]
    assert bare_in_python('run.fail(site, f"There is no {name}.", None, "unknown-name")') == ["There is no"]
    assert bare_in_python('return Fault("There is no such date.")') == ["There is no such date."]
    assert bare_in_python('return Fault(say("There is no such date."), None, "range")') == []
    assert bare_in_python('raise ValueError("For a programmer.")') == []

"""What speaks against publishing a version, gathered from every floor below and said in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from processes.errors import ProcessError
from processes.lint import BLOCK, ERROR, Problem
from processes.marked import BPMN
from processes.spoken import gettext as _
from processes.spoken import spoken

_WORDS = ("what", "instead")  # parameters that are words of ours and not the drawing's
MOST_SAID = 5
"""How many findings a refusal spells out; all of them are in its `findings`."""


@dataclass(frozen=True)
class Finding:
    """One finding. `severity` is "error" (cannot be published), "block" (a reviewer may let it pass, with a
    reason) or "warning"; `element` the id of the element, form or decision it is about."""

    code: str
    element: str
    severity: str
    sentence: str

    @property
    def key(self) -> str:
        """The name under which a reviewer lets it pass."""
        return f"{self.code}:{self.element}"


class NotPublishable(ProcessError):
    """A version has findings that keep it from being published; nothing was changed."""

    code = "not_publishable"

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        said = " ".join(finding.sentence for finding in self.findings[:MOST_SAID])
        more = len(self.findings) - MOST_SAID
        if more > 0:
            said += " " + _("And %(n)d more.") % {"n": more}
        super().__init__(_("%(version)s cannot be published. ") % {"version": name} + said)


def of_lint(problem: Problem) -> Finding:
    """A finding of lint, its sentence in the language in use."""
    words = {
        name: pgettext(BPMN, value) if name in _WORDS and value else spoken(value)
        for name, value in problem.params.items()
    }
    return Finding(problem.code, problem.element, problem.severity, _(problem.template).format_map(words))


def in_the_way(findings: Iterable[Finding], waived: Mapping[str, str]) -> list[Finding]:
    """The findings that forbid publishing: errors, and blocks that nobody let pass with a reason."""
    return [f for f in findings if f.severity == ERROR or (f.severity == BLOCK and not waived.get(f.key))]

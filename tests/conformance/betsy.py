"""The betsy cases through the real engine: drawings with an input and the trace that a correct engine leaves.

The scripts of the drawings are placeholders; they are rewritten to FEEL that keeps the trace in a variable, the one
that waits to a timer.
Everything runs on a throw-away database with a clock that is moved instead of waited for.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LONGEST = timedelta(minutes=5)
"""How far the clock is moved for what a case waits for."""

_REWRITES = (
    (re.compile(r"SCRIPT_(task\d+)"), r'{trace: append(trace, "\1")}'),
    (re.compile(r"INCREMENT_INTEGER_VARIABLE(_AND_LOG)?"),
     '{integerVariable: integerVariable + 1, trace: append(trace, "Increment")}'),
    (re.compile(r"CREATE_LOG_FILE|CREATE_MARKER_FILE|LOG_DATA"), "{}"),
    (re.compile(r'!test\.contains\("(\w+)"\)'), r'not(contains(test, "\1"))'),
    (re.compile(r'test\.contains\("(\w+)"\)'), r'contains(test, "\1")'),
    (re.compile(r'\s(scriptFormat|expressionLanguage|typeLanguage)="[^"]*"'), ""),
)  # fmt: skip
_WAIT = re.compile(
    r"<(?P<space>\w+:)scriptTask(?P<attributes>[^>]*)>(?P<flows>(?:(?!</?(?P=space)scriptTask).)*?)"
    r"<(?P=space)script>\s*(?:WAIT_TEN_SECONDS|CREATE_TIMESTAMP_LOG_\d)\s*</(?P=space)script>\s*</(?P=space)scriptTask>",
    re.DOTALL,
)


def run(folder: Path) -> dict[str, Any]:
    """All cases of `folder`/bpmn/betsy; counted by case."""
    base = Path(folder) / "bpmn" / "betsy"
    failures: list[dict[str, str]] = []
    total = 0
    with tempfile.TemporaryDirectory() as place:
        _prepare(Path(place))
        for number, test in enumerate(json.loads((base / "cases.json").read_text(encoding="utf-8"))):
            xml = rewritten((base / test["file"]).read_text(encoding="utf-8"))
            for case in test["cases"]:
                total += 1
                try:
                    reason = judge(f"betsy_{number}", xml, case)
                except Exception as error:  # an engine that crashes has failed the case, and the others still count
                    reason = f"{type(error).__name__}: {error}"[:300]
                if reason:
                    failures.append({"case": f"{test['test']} {case['input'] or ''}".strip(), "reason": reason})
    return {"bpmn/betsy": {"passed": total - len(failures), "total": total, "failures": failures}}


def _prepare(place: Path) -> None:
    os.environ["DATABASE_URL"] = f"sqlite:///{place / 'betsy.sqlite3'}"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def rewritten(xml: str) -> str:
    """A drawing with its placeholders in FEEL; a script that waits is a timer, since here no script may. (One that logs
    its times waits in between: “The scriptTasks wait for some time”, says the case that uses it.)"""
    for pattern, text in _REWRITES:
        xml = pattern.sub(text, xml)
    return _WAIT.sub(_as_timer, xml)


def _as_timer(found: re.Match[str]) -> str:
    space, attributes, flows = found["space"], found["attributes"], found["flows"]
    wait = f"<{space}timerEventDefinition><{space}timeDuration>PT10S</{space}timeDuration></{space}timerEventDefinition>"
    return f"<{space}intermediateCatchEvent{attributes}>{flows}{wait}</{space}intermediateCatchEvent>"


def judge(key: str, xml: str, case: dict[str, Any]) -> str:
    """Why a case fails; empty when it passes."""
    from processes.bpmn import BpmnError, parse
    from processes.lint import ERROR, check

    wanted = list(case["assert"] or [])
    try:
        found = [problem for problem in check(parse(xml)) if problem.severity == ERROR]
    except BpmnError as error:
        return "" if "GenericError" in wanted else f"cannot be read: {error.sentence}"
    if found:
        return "" if "GenericError" in wanted else f"lint: {found[0].code} ({found[0].sentence})"[:300]
    return _compare(_play(key, xml, case), case, wanted)


def _play(key: str, xml: str, case: dict[str, Any]) -> dict[str, Any]:
    """Run a case and tell what came of it."""
    from processes import api, ports
    from processes.catalog.models import ProcessDefinition, ProcessVersion
    from processes.runtime import starting
    from processes.runtime.models import ProcessInstance, Task

    definition, _new = ProcessDefinition.objects.get_or_create(key=key, defaults={"titles": {"en": key}})
    version = definition.versions.first() or ProcessVersion.objects.create(
        definition=definition, number=1, bpmn=xml, state="published"
    )
    data: dict[str, Any] = {"test": case["input"] or "", "trace": []}
    for option in case["options"]:
        if set_to := re.fullmatch(r"setIntegerVariable\((\d+)\)", option):
            data["integerVariable"] = int(set_to[1])
    clock = ports.FixedClock(START)
    with ports.using(clock=clock), api.by_hand():
        started = starting.start_version(version, data=data)
        waiting = Task.objects.tokens().filter(process=started.pk, kind__in=["intermediateCatchEvent", "receiveTask"]).count()
        api.drain()
        while (due := api.next_due()) is not None and due <= START + LONGEST:
            clock.move(max(due, clock.now()))
            api.drain()
        ended = ProcessInstance.objects.stored().get(pk=started.pk)
        incidents = list(Task.objects.incidents().filter(process=started.pk).values_list("error", flat=True))
        result = {
            "trace": list(ended.data.get("trace", [])), "outcome": ended.outcome, "incidents": incidents, "waiting": waiting,
        }  # fmt: skip
        Task.objects.filter(process__definition=definition).update(next_attempt_at=None)
    return result


def _compare(played: dict[str, Any], case: dict[str, Any], wanted: list[str]) -> str:
    failed = bool(played["incidents"]) or played["outcome"] == "error"
    expected = Counter(case["trace"] or []) + Counter(word for word in wanted if word == "Increment")
    if "GenericError" in wanted:
        return "" if failed else "no error came"
    if "RuntimeException" in wanted and not played["incidents"]:
        return "no incident came"
    if "ErrorThrownErrorEvent" in wanted and played["outcome"] != "error":
        return "the instance did not end in the error"
    if "ExecutionParallel" in wanted and played["waiting"] < 2:
        return "the branches were not open at the same time"
    if Counter(played["trace"]) != expected:
        said = f" ({played['incidents'][0].get('sentence', '')})" if played["incidents"] else ""
        return f"trace {sorted(played['trace'])}, expected {sorted(expected.elements())}{said}"[:300]
    return ""

"""The FEEL libraries beside which ours is measured: in an environment and a process of their own."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.feel_lines import Line
from tests.bench.library_worker import encoded

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
PLACE = HERE.parents[1] / "build/bench-libraries"
PATIENCE = 90
"""Seconds that installing may take; once only, the environment is kept."""


def installed() -> Path | None:
    """The interpreter that has the libraries; None, with the reason printed, when they cannot be installed."""
    python, ready = PLACE / "bin/python", PLACE / "ready"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if ready.exists() and ready.read_text() == wanted:
        return python
    venv.create(PLACE, clear=True, with_pip=False)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile", "--disable-pip-version-check",
               "--requirement", str(REQUIREMENTS)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"The FEEL libraries could not be installed within {PATIENCE} s, so they are not measured.", file=sys.stderr)
        return None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        print(f"The FEEL libraries could not be installed, so they are not measured: {said}", file=sys.stderr)
        return None
    ready.write_text(wanted)
    return python


class Libraries:
    """A conversation with the worker."""

    def __init__(self, worker: subprocess.Popen[str], lines: Sequence[Line]) -> None:
        self._worker = worker
        self.answers: dict[str, list[dict[str, Any]]] = self._ask(
            [{"text": line.text, "context": encoded(dict(line.context))} for line in lines]
        )
        self.right: dict[int, list[str]] = {
            number: [name for name in self.answers if right(self.answers[name][number], line.python(line.context))]
            for number, line in enumerate(lines)
        }
        """For each line the libraries that give the right answer."""

    def _ask(self, question: Any) -> Any:
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        print(json.dumps(question), file=self._worker.stdin, flush=True)
        return json.loads(self._worker.stdout.readline())

    def seconds(self, library: str, line: int, times: int) -> float:
        """The CPU time that so many calls took."""
        return float(self._ask({"library": library, "line": line, "times": times}))


@contextmanager
def asked(lines: Sequence[Line]) -> Iterator[Libraries | None]:
    """The libraries, ready to be timed; None when they are not there."""
    python = installed()
    if python is None:
        yield None
        return
    command = [str(python), "-W", "ignore", str(HERE / "library_worker.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        try:
            yield Libraries(worker, lines)
        finally:
            worker.kill()


def right(answer: dict[str, Any], wanted: Any) -> bool:
    """Whether a library gave the answer wanted; of numbers twelve digits are enough, as both reckon in binary."""
    return "value" in answer and _near(answer["value"], encoded(wanted))


def _near(one: Any, two: Any) -> bool:
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(_near(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_near, one, two))
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, int | float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=1e-12)
    return bool(one == two)

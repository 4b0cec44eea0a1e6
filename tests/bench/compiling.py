"""What a published version costs a process that runs it: the time to compile it, and the memory it keeps.

Measured on the shipped drawings, each compiled again and again under a name of its own, as versions are. Memory is what
Python allocated in between (tracemalloc), the parsed drawing included.
"""

from __future__ import annotations

import gc
import json
import os
import time
import tracemalloc
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measure import installed

VERSIONS = 60


def main() -> None:
    installed()
    from django.conf import settings

    drawings = sorted(Path(settings.BASE_DIR, "fixtures/processes").glob("*/process.bpmn"))
    print(json.dumps({"drawings": {path.parent.name: measured(path) for path in drawings}, "versions": VERSIONS}))


def measured(path: Path) -> dict[str, float]:
    """Elements, milliseconds and kilobytes of a version of a drawing."""
    from processes.bpmn import parse

    source = path.read_bytes()
    _compiled(source, "warm")
    times, kept = [], []
    for number in range(VERSIONS // 2):
        began = time.perf_counter()
        kept.append(_compiled(source, f"timed_v{number}"))
        times.append((time.perf_counter() - began) * 1000)
    gc.collect()
    tracemalloc.start()
    for number in range(VERSIONS // 2):
        kept.append(_compiled(source, f"weighed_v{number}"))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"elements": len(parse(source).nodes), "ms": median(times), "kb": grown / (VERSIONS // 2) / 1024}


def _compiled(source: bytes, name: str) -> Any:
    """The drawing read and compiled, as when a process meets a version for the first time."""
    from processes.bpmn import parse
    from processes.compiler.compile import compile_model

    return compile_model(parse(source), name=name)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")
    main()

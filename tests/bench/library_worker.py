"""Answers for the FEEL libraries, in an interpreter of their own that knows nothing of the product.

Reads JSON lines and writes one for each: the expressions first (answered by what each library makes of each of them),
then requests {"library", "line", "times"}, answered by the seconds of CPU time
that so many calls took.

A call is what a user of the library writes: `sFeelParse(text)` of pySFeel, whose names are assigned beforehand with
`name <- value`, outside of the time; and `parse_expression(text, context)` of bkflow-feel. Both parse in every call.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

Call = Callable[[], Any]


def encoded(value: Any) -> Any:
    """A value as JSON holds it; numbers become binary ones, as both libraries take them."""
    if isinstance(value, dict):
        return {key: encoded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date):
        return {"@date": value.isoformat()}
    return value if value is None or isinstance(value, bool | int | float | str) else {"@other": repr(value)}


def decoded(value: Any) -> Any:
    """The value that was encoded."""
    if isinstance(value, dict):
        return dt.date.fromisoformat(value["@date"]) if "@date" in value else {k: decoded(v) for k, v in value.items()}
    return [decoded(part) for part in value] if isinstance(value, list) else value


def literal(value: Any) -> str:
    """A value as FEEL writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dt.date):
        return f'date("{value.isoformat()}")'
    return json.dumps(value)


def pysfeel(text: str, context: dict[str, Any]) -> Call:
    """The call of pySFeel, on a parser that has the context's names."""
    from pySFeel import SFeelParser

    parser = SFeelParser()
    for name, value in context.items():
        status, _value = parser.sFeelParse(f"{name} <- {literal(value)}")
        if status:
            raise ValueError(status["errors"][0])
    return partial(parser.sFeelParse, text)


def pysfeel_answer(call: Call) -> Any:
    status, value = call()
    if status:
        raise ValueError(status["errors"][0])
    return value


def bkflow(text: str, context: dict[str, Any]) -> Call:
    """The call of bkflow-feel."""
    from bkflow_feel.api import parse_expression

    return partial(parse_expression, text, context)


LIBRARIES: dict[str, tuple[Callable[[str, dict[str, Any]], Call], Callable[[Call], Any]]] = {
    "pySFeel": (pysfeel, pysfeel_answer),
    "bkflow-feel": (bkflow, lambda call: call()),
}


def main() -> None:
    logging.disable(logging.CRITICAL)
    output, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    calls: dict[tuple[str, int], Call] = {}
    answers: dict[str, list[Any]] = {name: [] for name in LIBRARIES}
    for number, line in enumerate(json.loads(sys.stdin.readline())):
        for name, (make, ask) in LIBRARIES.items():
            try:
                calls[name, number] = make(line["text"], decoded(line["context"]))
                answers[name].append({"value": encoded(ask(calls[name, number]))})
            except Exception as error:  # any library may fail at any line; what it says is the answer
                answers[name].append({"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]})
    print(json.dumps(answers), file=output, flush=True)
    for request in sys.stdin:
        wanted = json.loads(request)
        call, times = calls[wanted["library"], wanted["line"]], range(wanted["times"])
        began = time.process_time()
        for _time in times:
            call()
        print(json.dumps(time.process_time() - began), file=output, flush=True)


if __name__ == "__main__":
    main()

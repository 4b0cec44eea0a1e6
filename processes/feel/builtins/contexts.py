"""Context functions (Table 81)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.marked import say

from ..errors import Fault
from ..values import admit, kind
from .registry import builtin


@builtin("get value(m: context, key: string)")
def get_value(run: Any, context: Mapping[str, Any], key: str) -> Any:
    if key not in context:
        raise Fault(say("The context has no entry “%(key)s”.", key=key), key, "unknown-entry")
    return admit(context[key])


@builtin("get value(m: context, keys: list)")
def get_nested_value(run: Any, context: Any, keys: list[Any]) -> Any:
    for key in keys:
        if not isinstance(key, str) or not isinstance(context, Mapping) or key not in context:
            raise Fault(say("The context has no such nested entry."), key, "unknown-entry")
        context = admit(context[key])
    return context


@builtin("get entries(m: context)")
def get_entries(run: Any, context: Mapping[str, Any]) -> list[Any]:
    run.items(len(context))
    run.spend(3 * len(context))  # each entry becomes a context of its own
    return [{"key": key, "value": admit(context[key])} for key in context]


@builtin("context put(context: context, key: string, value: any)")
def context_put(run: Any, context: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    run.items(len(context) + 1)
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_nested(run: Any, context: Mapping[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise Fault(say("The keys must be a list of one or more texts."), keys, "type")
    return _put(run, context, keys, value)


def _put(run: Any, context: Any, keys: list[str], value: Any) -> dict[str, Any]:
    if not isinstance(context, Mapping):
        raise Fault(say("There is no context at these keys; check their order and spelling."), keys, "unknown-entry")
    run.items(len(context) + 1)
    if len(keys) == 1:
        return {**context, keys[0]: value}
    return {**context, keys[0]: _put(run, context.get(keys[0]), keys[1:], value)}


@builtin("context merge(contexts: list)")
def context_merge(run: Any, contexts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for item in contexts:
        if not isinstance(item, Mapping):
            raise Fault(say("Only contexts can be merged."), item, "type")
        run.items(len(merged) + len(item))
        merged.update(item)
    return merged


@builtin("context(entries: list)")
def context_of(run: Any, entries: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or "key" not in entry or "value" not in entry:
            raise Fault(say("Each entry needs a key and a value."), entry, "type")
        key = entry["key"]
        if kind(key) != "string":
            raise Fault(say("Each key must be a text."), key, "type")
        if key in result:
            raise Fault(say("The key “%(key)s” is given twice; each key may stand once.", key=key), key, "duplicate-key")
        result[key] = admit(entry["value"])
    return result

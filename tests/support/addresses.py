"""Every address of the product, read from the URL configuration, so that no page can be forgotten by a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, slots=True)
class Address:
    """One pattern: its name with namespaces ("redraw:inbox"), its route, and the names of what it takes."""

    name: str
    route: str
    takes: tuple[tuple[str, str], ...]
    view: Any

    def path(self, **given: Any) -> str:
        """The path with values put in for what it takes."""
        if "(?P" in self.route:
            return reverse(self.name, kwargs=given)
        path = self.route
        for name, kind in self.takes:
            path = path.replace(f"<{kind}:{name}>" if kind else f"<{name}>", str(given[name]))
        return "/" + path


def every_address() -> list[Address]:
    """All patterns in the order in which they are tried."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, route: str, names: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        here = route + _route(pattern)
        if isinstance(pattern, URLResolver):
            space = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from _walk(pattern, here, space)
        elif isinstance(pattern, URLPattern):
            takes = tuple((name, _kind(here, name)) for name in pattern.pattern.converters)
            parents = tuple((n, _kind(here, n)) for n in _named(here) if n not in pattern.pattern.converters)
            yield Address(names + (pattern.name or here), here, takes + parents, pattern.callback)


def _route(pattern: Any) -> str:
    text = str(pattern.pattern)
    # Patterns of the admin's own root are regular expressions.
    return text.removeprefix("^").removesuffix("\\Z").removesuffix("$")


def _named(route: str) -> list[str]:
    return [part.split(">")[0].rpartition(":")[2] for part in route.split("<")[1:]]


def _kind(route: str, name: str) -> str:
    for part in route.split("<")[1:]:
        kind, _colon, found = part.split(">")[0].rpartition(":")
        if found == name:
            return kind
    return ""

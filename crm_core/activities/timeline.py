"""The customer's whole story on one line: everything that was done, said, sent and decided, newest first (B4).

Each domain registers a source; a source is asked for a page of its newest rows, limited by the reader's own
policy, so the story costs one query per source however long it is. Pages go on by keyset.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from crm_core.parties.models import Account

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story. `key` is unique among all entries and orders those of one moment."""

    at: datetime
    kind: str
    key: str
    title: str
    text: str = ""
    who: str = ""
    direction: str = ""
    url: str = ""
    state: str = ""
    pinned: bool = False


Source = Callable[[Any, Account, "datetime | None", int], Iterable[Entry]]
"""source(user, account, before, limit): up to `limit` entries that the person may see, older than or at `before`,
newest first."""

_sources: dict[str, Source] = {}


def register_source(name: str, source: Source) -> None:
    """Add a source; ValueError when the name is taken."""
    if name in _sources:
        raise ValueError(f"The timeline source “{name}” is registered already.")
    _sources[name] = source


@dataclass(frozen=True, slots=True)
class Story:
    """A page of the timeline; `after` leads to the next one, None at its end."""

    entries: list[Entry]
    after: str | None


def timeline(
    user: Any, account: Account, *, after: str | None = None, limit: int = PER_PAGE, only: Collection[str] = (),
) -> Story:  # fmt: skip
    """A page of an account's story as a person may see it; nothing of it for who may not see the account.

    `only` names the sources to ask, none means all.
    """
    before, last = _place(after)
    found: dict[str, Entry] = {}
    for source in (source for name, source in _sources.items() if not only or name in only):
        ask = partial(source, user, account, before)
        found |= {entry.key: entry for entry in _older(ask, before, last, limit)}
    ordered = sorted(found.values(), key=lambda entry: (entry.at, entry.key), reverse=True)
    page = ordered[:limit]
    more = len(ordered) > limit
    return Story(page, f"{page[-1].at.isoformat()}|{page[-1].key}" if more and page else None)


def _older(ask: Callable[[int], Iterable[Entry]], before: datetime | None, last: str | None, limit: int) -> list[Entry]:
    """More than `limit` entries beyond the last one shown, or all there are.

    Of the moment at which the page before ended a source gives again what was shown: then it is asked for more.
    """
    asked = limit + 1
    while True:
        given = list(ask(asked))
        new = [entry for entry in given if last is None or (entry.at, entry.key) < (before, last)]
        if len(new) > limit or len(given) < asked:
            return new
        asked *= 2


def _place(after: str | None) -> tuple[datetime | None, str | None]:
    if not after or "|" not in after:
        return None, None
    moment, _sep, key = after.partition("|")
    try:
        return datetime.fromisoformat(moment), key
    except ValueError:
        return None, None

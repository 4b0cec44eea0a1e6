"""The record of a change as fields of a page: shown, read, and saved one by one.

A field comes with what it held when the page was made. A save that meets another value asks whoever saves; a save
that is wrong says so at the field. The rest of the page is not touched by either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from admin_ext import words
from processes import api, ports
from processes.publication.models import PARTS, ProcessChange

TEXTS = ("diagnosis", "measures", "customer_view", "training")
NAMES = ("title", "owner", *TEXTS, *(f"without_{part}" for part in PARTS), "customers_notice", "way", "at", "pilot_until", "rule", "share")
WITHOUT, GROUP = "without_", "group_"


@dataclass(slots=True)
class Field:
    """A field of the page: what stands in it, what it held when the page was made, and what is wrong with it. `values` and
    `began` are texts, several for a field of which several may be chosen."""

    name: str
    label: str = ""
    hint: str = ""
    values: Sequence[str] = ()
    began: Sequence[str] = ()
    error: str = ""
    clash: Clashed | None = None
    options: Sequence[tuple[str, str]] = ()
    without: Field | None = None

    @property
    def value(self) -> str:
        """What stands in a field that holds one text."""
        return self.values[0] if self.values else ""

    @property
    def chosen(self) -> str:
        """What is chosen, by name; empty where nothing is."""
        called = dict(self.options)
        return pgettext("between the parts of a list", ", ").join(str(called.get(value, value)) for value in self.values)


@dataclass(frozen=True, slots=True)
class Clashed:
    """Somebody else has written here meanwhile: who and when in a sentence, and both values, in words and as texts."""

    sentence: str
    theirs: str
    mine: str
    values: Sequence[str]


@dataclass(slots=True)
class Sent:
    """What became of fields that were sent: those that are wrong, and those that somebody else has changed."""

    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, Clashed] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.errors or self.clashes)


def of_engine(name: str) -> str:
    """What the engine calls a field."""
    if name.startswith(WITHOUT):
        return f"waived.{name.removeprefix(WITHOUT)}"
    if name.startswith(GROUP):
        return f"choices.{name.removeprefix(GROUP)}"
    return "owner_id" if name == "owner" else name


def read(name: str, texts: Sequence[str]) -> Any:
    """The value that is meant by the texts of a field. Invalid with a sentence where they mean none."""
    text = texts[0].strip() if texts else ""
    if name.startswith(GROUP):
        return [one for one in texts if one]
    if name == "owner":
        return int(text) if text.isdecimal() and len(text) < 15 else None
    if name == "customers_notice":
        return bool(text)
    if name == "share":
        if not text.isdecimal() or len(text) > 3:
            raise api.Invalid(_("The share is a whole number from 1 to 100."))
        return int(text)
    if name in ("at", "pilot_until"):
        return _moment(text)
    return texts[0] if texts else ""


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise api.Invalid(_("This is no date with a time. Write it like 2027-03-01 09:00."))
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def shown(name: str, value: Any) -> list[str]:
    """A value as the texts of its field."""
    if isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(value, datetime):
        return [timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")]
    if isinstance(value, bool):
        return ["on"] if value else []
    return [] if value in (None, "") else [str(value)]


def fields(row: ProcessChange, version: Any, user: Any, *, sent: Mapping[str, Sequence[str]] | None = None, found: Sent | None = None) -> dict[str, Field]:
    """The fields of the record by name; with what was `sent` where it could not be saved, and why."""
    made = {one.name: one for one in _fields(row, version, user)}
    for name, one in made.items():
        one.values = one.began = shown(name, api.change_value(row, of_engine(name)))
        if found is not None and (name in found.errors or name in found.clashes):
            one.values = list((sent or {}).get(name, ()))
            one.error, one.clash = found.errors.get(name, ""), found.clashes.get(name)
    for part in TEXTS:
        made[part].without = made[WITHOUT + part]
    return made


def _fields(row: ProcessChange, version: Any, user: Any) -> Iterator[Field]:
    for name in NAMES:
        part = name.removeprefix(WITHOUT)
        found: Any = ProcessChange._meta.get_field("owner" if part == "owner" else part)
        yield Field(name, str(found.verbose_name), str(found.help_text), options=_owners(version, user, row) if name == "owner" else ())
    kind = api.record_kind(version)
    if kind is None:
        return
    for group in kind.groups:
        yield Field(GROUP + group.name, str(group.label), options=_with_gone(row, group.name, kind.group_options(group.name)))
    for audience in kind.audiences():
        yield Field(GROUP + audience.name, str(audience.label), options=_with_gone(row, audience.name, audience.options()))


def _with_gone(row: ProcessChange, name: str, options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What may be chosen, and what is chosen though nobody lists it any more."""
    known = {value for value, _label in options}
    return [*options, *((value, value) for value in row.choices.get(name, ()) if value not in known)]


def _owners(version: Any, user: Any, row: ProcessChange) -> list[tuple[str, str]]:
    people = [*ports.people().members("process_owner"), version.definition.owner, user, row.owner]
    found = {one.pk: one for one in people if one is not None and one.is_active}
    return [(str(pk), ports.people().display(one)) for pk, one in found.items()]


def save(row: ProcessChange, sent: Mapping[str, Sequence[str]], began: Mapping[str, Sequence[str]], user: Any, *, say: Callable[[], dict[str, Field]]) -> Sent:
    """Save each field that is another than it was; what cannot be saved is told and keeps nothing else from it."""
    told = Sent()
    for name, texts in sent.items():
        before = began.get(name)
        if before is not None and list(before) == list(texts):
            continue
        try:
            value = read(name, texts)
            known = {of_engine(name): read(name, before)} if before is not None else {}
            api.record_change(row.pk, user=user, values={of_engine(name): value}, began=known)
        except api.Clashing as error:
            told.clashes[name] = _clashed(name, texts, error.clashes[of_engine(name)], say())
        except api.Invalid as error:
            told.errors[name] = error.errors.get(of_engine(name), error.sentence)
    return told


def _clashed(name: str, mine: Sequence[str], clash: Any, known: Mapping[str, Field]) -> Clashed:
    called = dict(known[name].options) if name in known else {}
    theirs = shown(name, clash.theirs)
    if clash.by and clash.at:
        said = _("%(person)s changed this %(time)s.") % {"person": clash.by, "time": words.near(clash.at)}
    else:
        said = _("This was changed meanwhile.")
    return Clashed(said, _in_words(theirs, called), _in_words(mine, called), theirs)


def _in_words(texts: Sequence[str], called: Mapping[str, str]) -> str:
    return pgettext("between the parts of a list", ", ").join(str(called.get(one, one)) for one in texts if one) or _("nothing")

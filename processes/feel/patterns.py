"""Regular expressions of XPath 2.0 and 3.0 (XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6) for matches,
replace and split. A pattern is translated, never handed on as it is, since Python's syntax means other things; it
runs with a time limit, since a pattern can take time that grows exponentially with the text."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from functools import lru_cache
from typing import Any

import regex

from processes.marked import Sentence, say

from .errors import Fault

_MAX_PATTERN = 2000
_MAX_REPEAT = 1000
_MAX_SIZE = 3000  # parts of a pattern with its repetitions written out, as the machine that matches it is built
_META = frozenset("nrt\\|.-^?*+{}()[]$")
_NAME_START = r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
_NAME_PART = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F-\u2040"
_CLASSES = {
    "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "d": r"\p{Nd}", "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]", "W": r"[\p{P}\p{Z}\p{C}]",
    "i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]", "c": f"[{_NAME_PART}]", "C": f"[^{_NAME_PART}]",
}


def _bad(reason: Sentence, pattern: str) -> Fault:
    return Fault(say("The pattern is not valid: %(reason)s.", reason=reason), pattern, "pattern")


class _Translator:
    """One pattern on its way from XPath to the `regex` package (version 1 behaviour: sets can be subtracted)."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.flags = flags
        self.at = 0
        self.groups = 0
        self.open: list[int] = []
        self.closed: set[int] = set()
        self.sizes = [0]  # parts so far, of the pattern and of each group that is open
        self.last = 0  # parts of what stands before, which a quantifier repeats

    def grow(self, parts: int) -> None:
        """Count parts. Nested repetitions multiply: ((a{1000}){1000}){1000} would need a billion."""
        self.sizes[-1] += parts
        if sum(self.sizes) > _MAX_SIZE:
            raise _bad(say("its repetitions inside repetitions come to more than %(most)s parts", most=_MAX_SIZE), self.pattern)

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise _bad(say("it ends too early"), self.pattern)
        self.at += 1
        return self.pattern[self.at - 1]

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def translate(self) -> str:
        out: list[str] = []
        repeatable = False
        while self.at < len(self.pattern):
            char = self.next()
            if char in " \t\n\r" and "x" in self.flags:
                continue
            if char in "*+?{":
                if not repeatable:
                    raise _bad(say("there is nothing that “%(char)s” could repeat", char=char), self.pattern)
                out.append(self.quantifier(char))
                repeatable = False
                continue
            repeatable = char not in "|(^$"
            out.append(self.atom(char))
            self.last = self.sizes.pop() + 1 if char == ")" else 1
            if char == "(":
                self.sizes.append(0)
            else:
                self.grow(self.last)
        if self.open:
            raise _bad(say("a bracket is not closed"), self.pattern)
        return "".join(out)

    def quantifier(self, char: str) -> str:
        text = char
        if char == "{":
            end = self.pattern.find("}", self.at)
            body = self.pattern[self.at : end] if end >= 0 else ""
            low, comma, high = body.partition(",")
            if not low.isdecimal() or (high and not high.isdecimal()):
                raise _bad(say("a repetition must look like {2} or {2,5}"), self.pattern)
            if max(int(low), int(high or 0)) > _MAX_REPEAT or (high and int(high) < int(low)):
                raise _bad(say("a repetition must run upwards and to at most %(most)s", most=_MAX_REPEAT), self.pattern)
            self.grow(self.last * (int(low) - 1) if int(low) else 0)
            text = "{" + low + comma + high + "}"
            self.at = end + 1
        if self.peek() == "?":
            self.at += 1
            text += "?"
        return text

    def atom(self, char: str) -> str:
        if char == "\\":
            return self.escape(inside=False)
        if char == "[":
            return self.char_class()
        if char == ".":
            return "(?s:.)" if "s" in self.flags else r"[^\n\r]"
        if char == "^":
            return "(?m:^)" if "m" in self.flags else r"\A"
        if char == "$":
            return "(?m:$)" if "m" in self.flags else r"\Z"
        if char == "(":
            if self.peek() == "?":
                if not self.pattern.startswith("?:", self.at):
                    raise _bad(say("only (?:...) may begin with (?"), self.pattern)
                self.at += 2
                self.open.append(0)
                return "(?:"
            self.groups += 1
            self.open.append(self.groups)
            return "("
        if char == ")":
            if not self.open:
                raise _bad(say("a bracket is closed that was not opened"), self.pattern)
            self.closed.add(self.open.pop())
            return ")"
        if char in "]}":
            raise _bad(say("“%(char)s” needs a backslash before it", char=char), self.pattern)
        return char if char == "|" else regex.escape(char, special_only=False)

    def escape(self, inside: bool) -> str:
        char = self.next()
        if char in _META:
            return "\\" + char
        if char in _CLASSES:
            return _CLASSES[char]
        if char in "pP":
            return self.category(char)
        if char.isdecimal() and char != "0" and not inside:
            number = char
            while self.peek().isdecimal() and int(number + self.peek()) in self.closed:
                number += self.next()
            if int(number) not in self.closed:
                raise _bad(say("group %(number)s does not exist here", number=number), self.pattern)
            return f"(?:\\{number})"
        raise _bad(say("“\\%(char)s” has no meaning", char=char), self.pattern)

    def category(self, letter: str) -> str:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end]
        if self.peek() != "{" or end < 0 or not name.replace("-", "").isalnum():
            raise _bad(say("a category must look like \\p{L}"), self.pattern)
        self.at = end + 1
        if name.startswith("Is"):
            name = "In" + name[2:]
        return f"\\{letter}{{{name}}}"

    def char_class(self) -> str:
        negative = self.peek() == "^"
        if negative:
            self.at += 1
        parts: list[str] = []
        subtracted = ""
        while True:
            char = self.next()
            if char == "]" and parts:
                break
            if char == "-" and self.peek() == "[" and parts:
                self.at += 1
                subtracted = self.char_class()
                if self.next() != "]":
                    raise _bad(say("a subtracted set must come last"), self.pattern)
                break
            if char in "[]":
                raise _bad(say("“%(char)s” needs a backslash before it inside a set", char=char), self.pattern)
            if char in " \t\n\r" and "x" in self.flags:
                continue
            parts.append(self.member(char))
        body = f"[{'^' if negative else ''}{''.join(parts)}]"
        return f"[{body}--{subtracted}]" if subtracted else body

    def member(self, char: str) -> str:
        first = self.single(char)
        following = self.pattern[self.at : self.at + 2]
        if following[:1] != "-" or following[1:] in ("", "]", "["):
            return first
        self.at += 1
        last = self.single(self.next())
        if len(first.removeprefix("\\")) != 1 or len(last.removeprefix("\\")) != 1:
            raise _bad(say("a range in a set must run between two characters"), self.pattern)
        return f"{first}-{last}"

    def single(self, char: str) -> str:
        if char == "\\":
            return self.escape(inside=True)
        return char if char.isalnum() or ord(char) > 127 else "\\" + char


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: str) -> tuple[Any, Sentence | None]:
    """The compiled pattern, or None and the reason why it is none."""
    if len(pattern) > _MAX_PATTERN:
        return None, say("The pattern is too long; make it simpler.")
    try:
        if set(flags) - set("smixq"):
            raise _bad(say("“%(flags)s” are not flags; use s, m, i, x or q", flags=flags), flags)
        text = regex.escape(pattern) if "q" in flags else _Translator(pattern, flags).translate()
        return regex.compile(text, regex.V1 | (regex.IGNORECASE if "i" in flags else 0)), None
    except Fault as fault:
        return None, fault.reason
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        return None, say("The pattern is not valid: %(error)s.", error=str(error))


def _compiled(pattern: str, flags: str | None) -> Any:
    found, reason = compiled(pattern, flags or "")
    if reason is not None:
        raise Fault(reason, pattern, "pattern")
    return found


def _hits(run: Any, text: str, pattern: Any) -> Generator[Any, None, None]:
    """All matches; the time they take is paid from the budget of steps, a microsecond a step."""
    began = time.perf_counter()
    try:
        for hit in pattern.finditer(text, timeout=run.seconds_for_a_pattern()):
            run.spend(2)
            yield hit
    except TimeoutError:
        raise Fault(say("The pattern takes too long on this text; make it simpler."), pattern.pattern, "limit") from None
    finally:
        run.spend(int((time.perf_counter() - began) * 1_000_000))


def matches(run: Any, text: str, pattern: str, flags: str | None) -> bool:
    """Whether the pattern occurs anywhere in the text."""
    with closing(_hits(run, text, _compiled(pattern, flags))) as hits:
        return next(hits, None) is not None


def _takes_nothing(run: Any, pattern: Any) -> bool:
    """Whether the pattern matches the empty text."""
    with closing(_hits(run, "", pattern)) as hits:
        return next(hits, None) is not None


def _template(replacement: str, groups: int, literal: bool) -> list[str | int]:
    """A replacement as texts and group numbers."""
    if literal:
        return [replacement]
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        char = replacement[at]
        at += 1
        if char == "\\":
            if replacement[at : at + 1] not in ("\\", "$") or at >= len(replacement):
                raise Fault(say("In a replacement, a backslash must stand before a backslash or a $."), replacement, "pattern")
            parts.append(replacement[at])
            at += 1
        elif char == "$":
            end = at
            number = 0
            while end < len(replacement) and replacement[end].isdecimal():
                longer = number * 10 + int(replacement[end])
                if end > at and longer > groups:
                    break
                number = longer
                end += 1
            if end == at:
                raise Fault(say("In a replacement, $ must be followed by the number of a group."), replacement, "pattern")
            parts.append(number)
            at = end
        else:
            parts.append(char)
    return parts


def replace(run: Any, text: str, pattern: str, replacement: str, flags: str | None) -> str:
    """The text with each match replaced; a pattern that matches nothing at all ("") is an error, as in XPath."""
    found = _compiled(pattern, flags)
    if _takes_nothing(run, found):
        raise Fault(say("The pattern matches the empty text, so there is no end to what it would replace."), pattern, "pattern")
    template = _template(replacement, found.groups, "q" in (flags or ""))
    out: list[str] = []
    end = total = 0
    with closing(_hits(run, text, found)) as hits:
        for hit in hits:
            total += hit.start() - end
            out.append(text[end : hit.start()])
            for part in template:
                piece = part if isinstance(part, str) else ((hit.group(part) or "") if part <= found.groups else "")
                total += len(piece)
                if total > run.limits.text:
                    run.text(total)
                out.append(piece)
            run.spend(len(template))
            end = hit.end()
    out.append(text[end:])
    run.text(total + len(text) - end)
    return "".join(out)


def split(run: Any, text: str, delimiter: str) -> list[str]:
    """The pieces between the matches of the delimiter."""
    found = _compiled(delimiter, None)
    if _takes_nothing(run, found):
        raise Fault(say("The delimiter matches the empty text, so there is nothing to split at; make it match at least one character."), delimiter, "pattern")
    pieces: list[str] = []
    end = 0
    with closing(_hits(run, text, found)) as hits:
        for hit in hits:
            pieces.append(text[end : hit.start()])
            run.spend((hit.start() - end) >> 4)
            end = hit.end()
            if len(pieces) >= run.limits.items:
                run.items(len(pieces) + 1)
    run.text(len(text) - end)
    pieces.append(text[end:])
    return pieces

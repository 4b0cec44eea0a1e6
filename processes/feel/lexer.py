"""FEEL text to tokens (DMN 1.5, 10.3.1.2 rules 25 to 37 and 61 to 65).

The tokens are small: names with spaces or operators in them are put together by the parser, which knows the scope."""

from __future__ import annotations

import re
from typing import NamedTuple

from processes.marked import say

from .errors import FeelSyntaxError

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d\u180f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_TOKEN = re.compile(
    rf"""(?P<space>[{_SPACE}]+|//[^\n\r]*|/\*.*?\*/)
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<name>[{_START}][{_PART}]*)
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<op>\*\*|\.\.|->|<=|>=|!=|[-+*/=<>(){{}}\[\],:.@])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_WHITE = re.compile(rf"[{_SPACE}]+")


class Token(NamedTuple):
    """A piece of the text; kind is one of number, name, string, op, other, end. `end` is exclusive."""

    kind: str
    text: str
    start: int
    end: int


def line_of(source: str, position: int) -> int:
    """The line, counted from 1, on which a position lies."""
    return source.count("\n", 0, position) + 1


def tokenize(source: str) -> list[Token]:
    """All tokens of the text, closed by one of kind `end`. Raises FeelSyntaxError for an unclosed string or comment."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup or "other"
        if kind == "space":
            continue
        text = match.group()
        if text == '"':
            raise FeelSyntaxError(
                "unclosed-string", say("The text that starts here is never closed; add a double quote at its end."),
                match.start(), line_of(source, match.start()),
            )
        if text == "/" and source.startswith("/*", match.start()):
            raise FeelSyntaxError(
                "unclosed-comment", say("The comment that starts here is never closed; add */ at its end."),
                match.start(), line_of(source, match.start()),
            )
        tokens.append(Token(kind, text, match.start(), match.end()))
    tokens.append(Token("end", "", len(source), len(source)))
    return tokens


def unescape(literal: str) -> str:
    """The value of a string literal, quotes included in the argument. A backslash before any other character stays."""
    body = literal[1:-1]
    if "\\" not in body:
        return body

    def one(match: re.Match[str]) -> str:
        short, long, other = match.groups()
        if short:
            return chr(int(short, 16))
        if long:
            code = int(long, 16)
            return chr(code) if code <= 0x10FFFF else match.group()
        return _SIMPLE_ESCAPES.get(other, match.group())

    text = _ESCAPE.sub(one, body)
    if any("\ud800" <= character <= "\udfff" for character in text):  # a pair of \u escapes is one code point
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def normal_name(text: str) -> str:
    """A name with its white space as the standard compares it: one space for any run, none at the ends."""
    return _WHITE.sub(" ", text).strip()

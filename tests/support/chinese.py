"""What Chinese text has to look like: its own punctuation, and a space between its characters and Latin ones."""

from __future__ import annotations

import re

HAN = "\u3400-\u9fff"
# A comma, stop, colon and so on of the Latin keyboard where Chinese has its own; quotes that lean nowhere.
LATIN_PUNCTUATION = re.compile(rf"[{HAN}][,;:?!]|[{HAN}]\.(?!\w)|[,;:?!][{HAN}]|[{HAN}][\"']|[\"'][{HAN}]|[{HAN}]\(|\([{HAN}]")
CROWDED = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")
_FILLED = re.compile(r"\{\{.*?\}\}|%\(\w+\)[sd]|%[sd]|\{\w*\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def misprints(text: str) -> list[str]:
    """Where a text is punctuated as if it were English, or stands close to letters and digits. What is filled in is
    left out: it brings its own words."""
    plain = _TAG.sub("", text)
    return [*LATIN_PUNCTUATION.findall(_FILLED.sub("·", plain)), *CROWDED.findall(_FILLED.sub("", plain))]

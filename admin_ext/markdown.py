"""A tiny, safe subset of Markdown for guidance texts: paragraphs, lists, bold, italic, code, links.

Everything is escaped first and only our own tags are put in afterwards, so no text, whoever
wrote it, can bring markup of its own. Links lead to this site or to http(s) addresses only.
"""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[([^\]\n]+)\]\(((?:https?://|/(?!/))[^\s()]*)\)")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_ITALIC = re.compile(r"(?<![A-Za-z0-9*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![A-Za-z0-9*])")
_BULLET = re.compile(r"^\s*[-*]\s+(.*)$")
_NUMBER = re.compile(r"^\s*\d+[.)]\s+(.*)$")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")


def _inline(text: str) -> str:
    pieces = _CODE.split(escape(text))
    for index, piece in enumerate(pieces):
        if index % 2:
            pieces[index] = f"<code>{piece}</code>"
            continue
        piece = _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', piece)
        piece = _BOLD.sub(r"<strong>\1</strong>", piece)
        pieces[index] = _ITALIC.sub(r"<em>\1</em>", piece)
    return "".join(pieces)


def render(source: str) -> SafeString:
    """The HTML of a text in the subset; anything else stands there as it was written."""
    out: list[str] = []
    paragraph: list[str] = []
    listing = ""

    def close() -> None:
        nonlocal listing
        if paragraph:
            out.append("<p>" + "<br>".join(paragraph) + "</p>")
            paragraph.clear()
        if listing:
            out.append(f"</{listing}>")
            listing = ""

    for line in (source or "").replace("\r\n", "\n").split("\n"):
        bullet, number, heading = _BULLET.match(line), _NUMBER.match(line), _HEADING.match(line)
        kind = "ul" if bullet else "ol" if number else ""
        if kind:
            if listing != kind:
                close()
                out.append(f"<{kind}>")
                listing = kind
            out.append(f"<li>{_inline((bullet or number).group(1))}</li>")  # type: ignore[union-attr]
        elif not line.strip():
            close()
        elif heading:
            close()
            out.append(f"<p><strong>{_inline(heading.group(1))}</strong></p>")
        else:
            if listing:
                close()
            paragraph.append(_inline(line.strip()))
    close()
    return mark_safe("".join(out))  # noqa: S308 (every piece was escaped above)

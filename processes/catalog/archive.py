"""The folder of a definition as one ZIP file, to be sent by mail or through a browser.

What comes in is a stranger's: it is bounded before it is unpacked, its names are those that a folder may hold and no
others, and nothing is written to where a name in it points.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from processes.catalog.errors import UnreadableArchive
from processes.catalog.folder import MOST_BYTES
from processes.spoken import gettext as _

MOST_FILES = 300
MOST_UNPACKED = 40 * 1024 * 1024
_KNOWN = re.compile(r"(meta\.toml|process\.bpmn|README\.md|tests\.json|forms/[A-Za-z0-9_.-]+\.json|[a-z][a-z0-9_]*(\.dmn|\.examples\.json))\Z")
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_LITTER = re.compile(r"(__MACOSX/.*|(.*/)?\.DS_Store|(.*/)?Thumbs\.db)\Z")
_ENCRYPTED = 0x1


def packed(files: Mapping[str, bytes], top: str) -> bytes:
    """The files as a ZIP file with one folder; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{top}/{name}", _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a ZIP file by their path in the folder; UnreadableArchive with a sentence for anything else."""
    if len(data) > MOST_BYTES:
        raise UnreadableArchive(_("The ZIP file is too large: at most %(most)d MB are taken.") % {"most": MOST_BYTES // 2**20})
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _LITTER.match(entry.filename)]
            if len(entries) > MOST_FILES:
                raise UnreadableArchive(_("The ZIP file holds more than %(most)d files; a process has fewer.") % {"most": MOST_FILES})
            return dict(_read(archive, entries))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnreadableArchive(_("The file is no ZIP file that can be read. Pack the folder of the process once more.")) from error


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    left = MOST_UNPACKED
    top = _top(entries)
    seen = set()
    for entry in entries:
        name = _name(entry, top)
        if name in seen:
            raise UnreadableArchive(_("The ZIP file holds “%(name)s” twice.") % {"name": name})
        seen.add(name)
        with archive.open(entry) as source:
            content = source.read(left + 1)  # what an entry says of its size is not believed
        left -= len(content)
        if left < 0:
            raise UnreadableArchive(
                _("Unpacked, the files are larger than %(most)d MB; a process is smaller.") % {"most": MOST_UNPACKED // 2**20}
            )
        yield name, content


def _top(entries: list[zipfile.ZipInfo]) -> str:
    """The folder that everything lies in, where there is one."""
    tops = {PurePosixPath(entry.filename).parts[0] if "/" in entry.filename else "" for entry in entries}
    top = next(iter(tops)) if len(tops) == 1 else ""
    return f"{top}/" if top not in ("", "forms", "/", "..", ".") else ""


def _name(entry: zipfile.ZipInfo, top: str) -> str:
    name = entry.filename.removeprefix(top)
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableArchive(_("The ZIP file is locked with a password. Pack the folder without one."))
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise UnreadableArchive(_("“%(name)s” is a link to another file; pack the file itself.") % {"name": name})
    if not _KNOWN.match(name) or ".." in name:
        raise UnreadableArchive(
            _("“%(name)s” has no place in the folder of a process. It holds meta.toml, process.bpmn, README.md, tests.json, "
              "forms/*.json, *.dmn and *.examples.json.") % {"name": entry.filename}
        )  # fmt: skip
    return name

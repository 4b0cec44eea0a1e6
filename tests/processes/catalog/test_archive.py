"""ZIP files from strangers: what is no folder of a process is refused with a sentence, and costs little."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

import pytest

from processes.catalog import archive
from processes.catalog.errors import UnreadableArchive

FILES = {"meta.toml": b"key", "process.bpmn": b"<a/>", "forms/f.json": b"{}", "size.dmn": b"<b/>"}


def zipped(entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return out.getvalue()


def test_what_is_packed_is_unpacked_and_is_the_same_every_time():
    data = archive.packed(FILES, "deal")

    assert archive.unpacked(data) == FILES
    assert archive.packed(dict(reversed(FILES.items())), "deal") == data


def test_a_folder_may_be_packed_with_or_without_its_name_and_with_litter():
    litter = [("__MACOSX/deal/._meta.toml", b"x"), ("deal/.DS_Store", b"x"), ("deal/forms/", b"")]

    assert archive.unpacked(zipped(FILES.items())) == FILES
    assert archive.unpacked(zipped([*((f"deal/{name}", data) for name, data in FILES.items()), *litter])) == FILES


@pytest.mark.parametrize("name", [
    "../meta.toml", "deal/../../meta.toml", "/etc/passwd", "C:\\meta.toml", "..\\meta.toml", "forms/../meta.toml", "deal/run.sh",
    "forms/..json/x.json", "a/b/meta.toml", "forms/a..json", "Deal.dmn", "meta.toml\n",
])  # fmt: skip
def test_names_that_climb_or_have_no_place_are_refused(name):
    with pytest.raises(UnreadableArchive, match="has no place"):
        archive.unpacked(zipped([("meta.toml", b"x"), (name, b"x")]))


def test_a_bomb_is_not_unpacked():
    bomb = zipped([("process.bpmn", b" " * (archive.MOST_UNPACKED + 1))])
    assert len(bomb) < 100_000

    with pytest.raises(UnreadableArchive, match="larger than 40 MB"):
        archive.unpacked(bomb)


def test_a_bomb_of_many_parts_is_not_unpacked():
    part = b" " * (archive.MOST_UNPACKED // 4)
    with pytest.raises(UnreadableArchive, match="larger than 40 MB"):
        archive.unpacked(zipped((f"forms/f{n}.json", part) for n in range(6)))


def test_an_entry_that_lies_about_its_size_is_refused():
    data = bytearray(zipped([("process.bpmn", b"x" * 1000)]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")

    with pytest.raises(UnreadableArchive):
        archive.unpacked(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", zipped(FILES.items())[:-30]])
def test_what_is_no_zip_file_is_refused(data):
    with pytest.raises(UnreadableArchive, match="no ZIP file"):
        archive.unpacked(data)


def test_too_many_too_large_twice_locked_and_links():
    link = zipfile.ZipInfo("meta.toml")
    link.external_attr = 0o120777 << 16
    locked = bytearray(zipped([("meta.toml", b"x")]))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.rindex(mark) + offset] |= 1
    refused = [
        (zipped((f"forms/f{n}.json", b"{}") for n in range(archive.MOST_FILES + 1)), "more than 300 files"),
        (b"x" * (10 * 1024 * 1024 + 1), "at most 10 MB"), (zipped([(link, b"/etc/passwd")]), "is a link"), (bytes(locked), "password"),
    ]  # fmt: skip
    with pytest.warns(UserWarning, match="Duplicate"):
        refused.append((zipped([("meta.toml", b"a"), ("meta.toml", b"b")]), "twice"))

    for data, sentence in refused:
        with pytest.raises(UnreadableArchive, match=sentence):
            archive.unpacked(data)

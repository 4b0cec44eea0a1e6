"""The documentation tells of this product: reference pages are what the registries say, links lead somewhere, one word means one thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config import messages, reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "fixtures").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# Words of the glossary that mean something else on some page, and what they mean there.
HOMONYMS = {"subject": "of a mail", "token": "of a customer's link", "pool": "of people who get leads in turn",
            "offer": "of a campaign", "nurture": "the state of a lead", "clock": "the time of the day, as a rehearsal sets it"}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The Chinese columns come out of compiled catalogues."""
    messages.compile_catalogues()


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_reference_page_says_what_the_product_knows_today(page: str) -> None:
    committed = (reference.FOLDER / page).read_text(encoding="utf-8")

    assert committed == reference.PAGES[page](), "Run `make messages` to write the pages anew."


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_the_first_section_of_the_readme_names_two_commands_and_no_more() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0]

    assert re.findall(r"make [\w-]+", first) == ["make run", "make test", "make run"]


def test_every_command_of_the_readme_stands_in_the_makefile() -> None:
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert named <= targets


def glossary() -> dict[str, str]:
    """English and Chinese of every word; a row with several words gives as many pairs."""
    found = {}
    for line in (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0] not in {"word", "---"}:
            found.update(zip(re.split(r",\s*", cells[0]), cells[1].split("、"), strict=False))
    return found


def test_the_glossary_and_the_pages_use_the_same_chinese_word() -> None:
    words = glossary()
    said: dict[str, str] = {}
    for package in messages.PACKAGES:
        with messages.path_of(package).open("rb") as lines:
            said |= {m.id: m.string for m in read_po(lines) if isinstance(m.id, str) and m.id in words and not m.context}

    other = {word: (words[word], chinese) for word, chinese in said.items() if words[word] != chinese}

    assert other.keys() == HOMONYMS.keys() & said.keys()
    assert {"lead", "opportunity", "account", "contact", "campaign", "case", "task"} <= set(said)

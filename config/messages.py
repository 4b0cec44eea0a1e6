"""Message catalogues: `python -m config.messages compile` at set-up, `extract` when strings changed.

Compiling is Babel's, so that nobody needs gettext's binaries to run the product; extracting is
Django's makemessages, which does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.env import BASE_DIR

PACKAGES = ("processes", "crm_core", "admin_ext")


def compile_catalogues(root: Path = BASE_DIR) -> int:
    """Write the .mo file of every catalogue that is newer than it; the number written."""
    written = 0
    for package in PACKAGES:
        for source in sorted((root / package / "locale").glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with source.open("rb") as lines:
                catalogue = read_po(lines)
            partial = target.with_suffix(".part")
            with partial.open("wb") as out:
                write_mo(out, catalogue)
            partial.replace(target)
            written += 1
    return written


def extract() -> None:
    """Bring the catalogues of all packages up to date with the source."""
    for package in PACKAGES:
        (BASE_DIR / package / "locale").mkdir(exist_ok=True)
        subprocess.run(
            [
                sys.executable, str(BASE_DIR / "manage.py"), "makemessages", "--locale", "zh_Hans",
                "--no-location", "--no-obsolete", "--ignore", "node_modules",
            ],
            cwd=BASE_DIR / package,
            check=True,
        )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:] == ["extract"]:
        extract()
    else:
        compile_catalogues()

"""The floors hold, and each contract bites: a planted violation must break it."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract name -> (file to plant, line that breaks the contract)
PLANTED = {
    "An upper floor may import a lower one, never the reverse": (
        "processes/catalog/planted.py",
        "import crm_core.kernel",
    ),
    "Pure languages know no Django": ("processes/feel/planted.py", "import django.db"),
    "Floors of the engine": ("processes/catalog/planted.py", "import processes.runtime"),
    "Floors of the CRM": ("crm_core/kernel/planted.py", "import crm_core.sales"),
    "The engine has one door": ("crm_core/sales/planted.py", "import processes.runtime.services"),
    "Viewflow has its seats": ("crm_core/sales/planted.py", "import viewflow"),
    "Guardian has its seat": ("crm_core/sales/planted.py", "import guardian.shortcuts"),
    "Django-q2 has its seat": ("crm_core/sales/planted.py", "import django_q.tasks"),
    "The theme has its seat": ("crm_core/sales/planted.py", "import unfold"),
    "Import-export has its seats": ("crm_core/sales/planted.py", "import import_export"),
    "DuckDB has its seats": ("crm_core/sales/planted.py", "import duckdb"),
    "A domain's floors": ("crm_core/sales/models/planted.py", "import crm_core.sales.services"),
}


def contracts() -> list[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return [parser[s]["name"] for s in parser.sections() if s.startswith("importlinter:contract:")]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the tree in `folder`."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_has_a_planted_violation() -> None:
    assert sorted(contracts()) == sorted(PLANTED)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, with one violation of every contract."""
    target = tmp_path_factory.mktemp("planted")
    for package in ("processes", "crm_core", "admin_ext", "config"):
        shutil.copytree(
            ROOT / package,
            target / package,
            ignore=shutil.ignore_patterns("node_modules", "__pycache__", "static"),
        )
    shutil.copy(ROOT / ".importlinter", target / ".importlinter")
    lines: dict[str, list[str]] = {}
    for file, line in PLANTED.values():
        if not (target / file).parent.is_dir():
            file = file.replace("/models/planted.py", "/models.py")
        lines.setdefault(file, []).append(line)
    for file, planted in lines.items():
        with (target / file).open("a") as out:
            out.write("\n" + "\n".join(planted) + "\n")
    return target


def test_the_floors_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_contract_bites(copy: Path) -> None:
    output = lint(copy).stdout
    broken = {name for name in PLANTED if f"{name} BROKEN" in output}
    assert broken == set(PLANTED), output

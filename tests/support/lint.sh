#!/usr/bin/env bash
# The checks that need no test to run: style, types, floors, templates, migrations, catalogues.
set -euo pipefail
cd "$(dirname "$0")/../.."
step() { echo "== $*"; }
step ruff; .venv/bin/ruff check --quiet .
step floors; .venv/bin/lint-imports --no-cache | tail -3
step types; .venv/bin/mypy processes crm_core admin_ext config --no-error-summary --cache-dir build/mypy
step templates; .venv/bin/djlint admin_ext/templates --lint --quiet
step migrations; .venv/bin/python manage.py makemigrations --check --dry-run >/dev/null || { echo "A model changed without its migration: run manage.py makemigrations."; exit 1; }

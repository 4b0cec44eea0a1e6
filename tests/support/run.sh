#!/usr/bin/env bash
# All tests: checks, then the suite on SQLite, then what touches rows once more on PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build
source tests/support/services.sh
export REDRAW_SECRET_KEY="for-the-tests-alone-$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n')"
.venv/bin/python -m config.messages compile
bash tests/support/lint.sh

long="not long"
[ "${1:-}" = "--long" ] && long="long or not long"
workers="${REDRAW_TEST_WORKERS:-$(nproc)}"
echo "== tests on SQLite"
.venv/bin/pytest -q -n "$workers" -m "($long) and not postgresql and not browser"
echo "== tests in a browser"
.venv/bin/pytest -q -n "$workers" -m "($long) and browser"
if [ -n "${REDRAW_TEST_POSTGRESQL:-}" ]; then
  echo "== tests on PostgreSQL"
  DATABASE_URL="$REDRAW_TEST_POSTGRESQL/redraw" .venv/bin/pytest -q -n "$workers" -m "($long) and (both_databases or postgresql)"
fi

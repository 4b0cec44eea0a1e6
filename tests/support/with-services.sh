#!/usr/bin/env bash
# Runs a command with the databases and the browser that the tests use.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/support/services.sh
exec "$@"

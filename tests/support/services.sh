# Sourced: finds PostgreSQL, Redis and Chromium, or installs and starts them (as root, on Debian).
# Sets REDRAW_TEST_POSTGRESQL, REDRAW_TEST_REDIS, REDRAW_TEST_CHROMIUM where they are there.
mkdir -p build

_apt() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "Installing $* ..."
  [ -n "${_apt_updated:-}" ] || { apt-get update -qq >build/apt.log 2>&1 || return 1; _apt_updated=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>build/apt.log 2>&1
}

_pg_answers() { .venv/bin/python - "$1" <<'PY' 2>/dev/null
import sys, psycopg
psycopg.connect(sys.argv[1] + "/postgres", connect_timeout=3).execute("select 1")
PY
}

_pg_urls="postgresql://postgres@127.0.0.1:5432 postgresql://redraw:redraw@127.0.0.1:5432"
_find_pg() {
  for url in ${REDRAW_TEST_POSTGRESQL:-} $_pg_urls; do
    if _pg_answers "$url"; then export REDRAW_TEST_POSTGRESQL="$url"; return 0; fi
  done
  unset REDRAW_TEST_POSTGRESQL
  return 1
}
if ! _find_pg; then
  command -v pg_ctlcluster >/dev/null || _apt postgresql || true
  if [ "$(id -u)" = 0 ] && command -v pg_ctlcluster >/dev/null; then
    version=$(ls /etc/postgresql | sort -n | tail -1)
    pg_ctlcluster --skip-systemctl-redirect "$version" main start 2>/dev/null || true
    sleep 2
    # A role of the tests' own, for a server that asks for a password.
    _find_pg || { su postgres -c "psql -qc \"create role redraw superuser login password 'redraw'\"" >/dev/null 2>&1; _find_pg; } || true
  fi
fi

_redis_answers() { .venv/bin/python -c 'import sys, redis; redis.Redis.from_url(sys.argv[1], socket_timeout=3).ping()' "$1" 2>/dev/null; }
export REDRAW_TEST_REDIS="${REDRAW_TEST_REDIS:-redis://127.0.0.1:6379/9}"
if ! _redis_answers "$REDRAW_TEST_REDIS"; then
  command -v redis-server >/dev/null || _apt redis-server || true
  command -v redis-server >/dev/null && redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" --appendonly no >/dev/null 2>&1
  sleep 1
  _redis_answers "$REDRAW_TEST_REDIS" || unset REDRAW_TEST_REDIS
fi

_find_chromium() { for name in chromium chromium-browser; do command -v $name && return 0; done; return 1; }
if ! REDRAW_TEST_CHROMIUM=$(_find_chromium) || ! fc-list 2>/dev/null | grep -qi -E 'wqy|noto.*cjk'; then
  _apt chromium fonts-wqy-zenhei fontconfig || true
  REDRAW_TEST_CHROMIUM=$(_find_chromium) || true
fi
[ -n "${REDRAW_TEST_CHROMIUM:-}" ] && export REDRAW_TEST_CHROMIUM || unset REDRAW_TEST_CHROMIUM

_missing=""
[ -n "${REDRAW_TEST_POSTGRESQL:-}" ] || _missing="$_missing PostgreSQL"
[ -n "${REDRAW_TEST_REDIS:-}" ] || _missing="$_missing Redis"
[ -n "${REDRAW_TEST_CHROMIUM:-}" ] || _missing="$_missing Chromium"
if [ -n "$_missing" ]; then
  echo "Not found and not installed (it takes root on Debian):$_missing. The tests that need them are left out."
  if [ "${CI:-}" = true ]; then echo "With CI=true nothing may be left out."; exit 1; fi
fi

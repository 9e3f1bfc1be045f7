#!/usr/bin/env bash
# What the tests need beside Python: a browser, and a PostgreSQL of their own to throw away.
#
#   scripts/services.sh          install what is missing (Debian), start PostgreSQL where it is not up
#   scripts/services.sh stop     stop that PostgreSQL and throw its data away
#
# The address is written to .cache/services.env as TENOR_TEST_POSTGRES. The cluster lives in a new
# folder under /tmp, listens on a socket in it and on no port, and keeps nothing safe from a power
# cut. No other PostgreSQL of this machine is looked at.
set -euo pipefail
cd "$(dirname "$0")/.."

checkout=$PWD
cache=$checkout/.cache
environment=$cache/services.env

say() { echo "services: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Run a command of PostgreSQL, which refuses to be root.
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        (cd / && "$@")
    fi
}

chromium() {
    local name
    for name in "${TENOR_CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
    return 1
}

# The folder of the newest PostgreSQL's programs: Debian keeps them out of the path.
programs() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)
    if [ -z "$found" ]; then found=$(command -v initdb || true); fi
    [ -n "$found" ] && dirname "$found"
}

install_missing() {
    local missing=() root=()
    chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
    programs >/dev/null || missing+=(postgresql)
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        fail "missing: ${missing[*]}. Install Chromium or Chrome (TENOR_CHROMIUM names it where it" \
            "is not in the path) and PostgreSQL 15 or newer, initdb and pg_ctl in the path."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null && { [ -n "${CI:-}" ] || [ ! -t 0 ]; }; then
            fail "missing: ${missing[*]}. Run: sudo apt-get install ${missing[*]}"
        fi
        root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" </dev/null >/dev/null
    chromium >/dev/null || fail "Chromium was installed but is not in the path."
    programs >/dev/null || fail "PostgreSQL was installed but its initdb is not to be found."
}

# The folder of this checkout's cluster. A copied checkout brings the note of another's along.
folder() {
    local noted
    noted=$(cat "$cache/postgres-folder" 2>/dev/null || true)
    case $noted in /tmp/tenor-postgres.*) ;; *) return 1 ;; esac
    [ "$(cat "$noted/checkout" 2>/dev/null)" = "$checkout" ] && echo "$noted"
}

answers() { "$(programs)/pg_isready" -q -h "$1" 2>/dev/null; }

stop() {
    local where
    where=$(folder) || return 0
    as_owner "$(programs)/pg_ctl" -D "$where/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$where" "$cache/postgres-folder" "$environment"
}

start() {
    local where
    if where=$(folder) && answers "$where"; then return; fi
    stop
    where=$(mktemp -d /tmp/tenor-postgres.XXXXXXXX)
    echo "$checkout" >"$where/checkout"
    [ "$(id -u)" -eq 0 ] && chown -R postgres "$where"
    as_owner "$(programs)/initdb" -D "$where/data" -U tenor -A trust --no-sync \
        --encoding=UTF8 --locale=C.UTF-8 >"$where/initdb.log" 2>&1 \
        || fail "initdb: $(tail -5 "$where/initdb.log")"
    cat >>"$where/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$where'
unix_socket_permissions = 0700
dynamic_shared_memory_type = mmap
max_connections = 60
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
CONF
    # The lock's handle must not live on in the server.
    as_owner "$(programs)/pg_ctl" -D "$where/data" -l "$where/log" -w start >/dev/null 9>&- \
        || fail "PostgreSQL did not start: $(tail -5 "$where/log")"
    echo "$where" >"$cache/postgres-folder"
    say "PostgreSQL is up in $where (stop it with: make stop)"
}

mkdir -p "$cache"
if command -v flock >/dev/null; then
    exec 9>"$cache/services.lock"
    flock 9
fi
case ${1:-start} in
    start)
        install_missing
        start
        echo "TENOR_TEST_POSTGRES='postgres://tenor@/tenor?host=$(folder)'" >"$environment"
        ;;
    stop) stop ;;
    *) fail "say start or stop, not $1" ;;
esac

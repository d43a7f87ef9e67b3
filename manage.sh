#!/bin/sh
# Set up and run Matchmaker from a checkout. `./manage.sh help` prints what it can do.
# Everything is installed into .venv/ beside this file and written into var/; nothing else is touched,
# except missing Debian packages, installed only when the user is root.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$root"
export MATCHMAKER_HOME="${MATCHMAKER_HOME:-$root/var}"
unset PYTHONDONTWRITEBYTECODE # .venv is compiled as it is imported, once

usage() {
    cat <<'TEXT'
./manage.sh start [OPTIONS]   set up, then the demonstration: web and worker, Ctrl-C stops both
./manage.sh test [OPTIONS]    set up, then linters, types, import contracts and all tests (OPTIONS go to pytest)
./manage.sh long              the long property runs, outside the test command
./manage.sh bench [OPTIONS]   the optimiser's benchmark on regions drawn at real positions
./manage.sh lock              write the lock files again from pyproject.toml
./manage.sh COMMAND …         any command of `matchmaker`, for example: ./manage.sh solve INSTANCE.json --output P.json
TEXT
}

say() { printf '%s\n' "manage.sh: $*" >&2; }

# need PACKAGE TEST…: make sure that TEST succeeds, by installing the Debian package when root.
need() {
    package=$1
    shift
    if "$@" >/dev/null 2>&1; then return 0; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing the Debian package $package"
        DEBIAN_FRONTEND=noninteractive
        export DEBIAN_FRONTEND
        apt-get install -y --no-install-recommends "$package" >/dev/null 2>&1 ||
            { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$package" >/dev/null; }
        "$@" >/dev/null 2>&1 && return 0
    fi
    missing="${missing:-} $package"
}

stop_if_missing() {
    [ -z "${missing:-}" ] && return 0
    say "missing:$missing. Please run:  sudo apt-get update && sudo apt-get install -y$missing"
    exit 1
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# Python 3.11 first: the lock was made for it.
python=$(command -v python3.11 || find_python || true)
has_venv() { [ -n "$python" ] && "$python" -c 'import ensurepip, venv'; }
has_postgresql() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }
has_chromium() { command -v chromium || command -v chromium-browser; }

# setup LOCK: a virtual environment that holds exactly LOCK.
setup() {
    lock=$1
    need python3 test -n "$python"
    [ -n "$python" ] || python=$(find_python || true)
    need python3-venv has_venv
    stop_if_missing
    # The interpreter is part of the stamp: a .venv made by another Python is made again.
    stamp="$("$python" -c 'import sys; print(sys.executable, sys.version)') $(cksum <"$lock")"
    if [ "$(cat .venv/stamp-"$lock" 2>/dev/null)" != "$stamp" ]; then
        say "setting up .venv from $lock (a minute or two the first time)"
        [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
        # Of its thousands of modules only some are ever imported: pip would compile them all, one by one.
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r "$lock"
        printf '%s\n' "$stamp" >.venv/stamp-"$lock"
    fi
}

matchmaker() {
    setup requirements.lock
    exec .venv/bin/python -m matchmaker "$@"
}

# run_checks CHECK…: all at once, as each keeps one processor busy; what they say comes in this order.
run_checks() {
    said=$(mktemp -d)
    number=0
    for check in "$@"; do
        number=$((number + 1))
        # shellcheck disable=SC2086
        { "$bin"/$check >"$said/$number" 2>&1 || touch "$said/$number.failed"; } &
    done
    wait
    number=0
    for check in "$@"; do
        number=$((number + 1))
        say "$check"
        cat "$said/$number"
        [ ! -e "$said/$number.failed" ] || failed="$failed [$check]"
    done
    rm -r "$said"
}

run_tests() {
    setup requirements-dev.lock
    need chromium has_chromium
    need postgresql has_postgresql
    stop_if_missing
    bin=.venv/bin
    failed=''
    # The import contracts are one of the tests.
    run_checks "ruff check ." "ruff format --check ." "mypy" "djlint templates --lint --quiet"
    say "pytest"
    # One process per core, each with its own PostgreSQL; a file's tests stay together, long files come first.
    "$bin"/python -m pytest -n logical --dist loadfile --no-loadscope-reorder "$@" || failed="$failed [pytest]"
    [ -z "$failed" ] || { say "failed:$failed"; exit 1; }
}

command=${1:-help}
[ $# -gt 0 ] && shift
case $command in
    help | -h | --help) usage ;;
    start) matchmaker start --demo "$@" ;;
    test) run_tests "$@" ;;
    long) setup requirements-dev.lock && exec .venv/bin/python -m pytest -m long "$@" ;;
    bench) setup requirements-dev.lock && exec .venv/bin/python -m benchmarks.bench_solve "$@" ;;
    lock)
        setup requirements-dev.lock
        for target in "requirements.lock" "requirements-dev.lock --group dev"; do
            # shellcheck disable=SC2086
            .venv/bin/uv pip compile pyproject.toml --quiet --generate-hashes --python-version 3.11 \
                --no-header --output-file $target
        done
        ;;
    *) matchmaker "$command" "$@" ;;
esac

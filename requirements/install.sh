#!/bin/sh
# install.sh PYTHON VENV LOCK: fills VENV with exactly what LOCK names, then puts the project itself in.
set -eu
python=$1 venv=$2 lock=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Helpspace needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2
    exit 1
}

# The folder of the package is put on the path by one line: no build step, so nothing beyond the
# lock is ever downloaded.
enter() {
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    pwd >"$site/helpspace-here.pth"
    own=$(pwd)/$venv/bin/python
    first="#!$own"
    # Where the path is too long for a first line or holds blanks, a shell starts the interpreter, to
    # which the shell's two lines are a string; that takes several ms more.
    case $own in *[[:space:]]*) first= ;; esac
    if [ -z "$first" ] || [ ${#own} -gt 120 ]; then
        first="#!/bin/sh
'''exec' \"$own\" \"\$0\" \"\$@\"
' '''"
    fi
    cat >"$venv/bin/helpspace" <<SCRIPT
$first
import sys

from helpspace.__main__ import main

sys.exit(main())
SCRIPT
    chmod +x "$venv/bin/helpspace"
}

if command -v uv >/dev/null 2>&1; then
    uv venv -q --allow-existing --python "$python" "$venv"
    uv pip install -q --python "$venv/bin/python" --require-hashes -r "$lock"
else
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || {
        rm -rf "$venv"
        echo "No virtual environment could be made: install uv, or your system's python3-venv package." >&2
        exit 1
    }
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
enter

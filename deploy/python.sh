#!/bin/sh
# Make a virtual environment with everything a lock file names, or say in one line why that is not possible.
# Usage: python.sh VENV LOCK [PYTHON]
set -eu
[ $# -ge 2 ] || { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 2; }

venv=$1 lock=$2 python=${3:-python3}

say() { printf '%s\n' "$*" >&2; }

command -v "$python" >/dev/null 2>&1 || {
    say "$python is not installed. Remedy: apt install python3 python3-venv, or name another one: PYTHON=python3.12"
    exit 1
}
"$python" - <<'CHECK' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.stderr.write(
        "Python %d.%d found at %s, but VolSpike needs 3.11 or later. "
        "Remedy: install a newer one and name it, such as PYTHON=python3.12\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(1)
try:
    import ensurepip, venv
except ImportError:
    sys.stderr.write("Python has no venv module. Remedy: apt install python3-venv\n")
    sys.exit(1)
CHECK

say "Setting up $venv from $lock (about half a minute) …"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes --requirement "$lock"

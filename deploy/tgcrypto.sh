#!/bin/sh
# Install tgcrypto, which makes Pyrogram's cipher fast, where there is a wheel of it or a compiler; else say in one line
# that it goes without, and why. Installation never fails for the lack of it.
# Usage: tgcrypto.sh VENV LOCK [PIP-OPTION...]
set -eu
[ $# -ge 2 ] || { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 2; }

venv=$1 lock=$2
shift 2
if ! said=$(PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  --require-hashes --requirement "$lock" "$@" 2>&1); then
  why=$(printf '%s\n' "$said" | grep -i '^ *error' | tail -n 1 | sed 's/^ *[Ee][Rr][Rr][Oo][Rr]: *//')
  printf '%s\n' "tgcrypto     not there for $("$venv/bin/python" -V) (${why:-pip does not say why}): going on without it, which is fast enough for text" >&2
fi

#!/usr/bin/env bash
# Build the wheel of this source checkout:  build-wheel.sh DIRECTORY [PYTHON [WHEELS]]
# WHEELS is a directory that has the build's own dependencies, for a machine without network.
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$1"
export PIP_DISABLE_PIP_VERSION_CHECK=1
[ -z "${3:-}" ] || export PIP_NO_INDEX=1 PIP_FIND_LINKS=$3
if ! "${2:-python3}" -m venv "$work/venv" >"$work/log" 2>&1 ||
  ! "$work/venv/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$1" "$SOURCE" >"$work/log" 2>&1; then
  cat "$work/log" >&2
  echo "error: the wheel cannot be built from $SOURCE: see above" >&2
  exit 1
fi

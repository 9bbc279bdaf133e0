#!/usr/bin/env bash
# Deploy this source checkout to a server over ssh: build the wheel here, install and verify it there.
#   push.sh HOST [ssh options…] [-- install.sh options…]
# An upgrade that fails its verification is rolled back there by itself. Needs root or sudo on the server.
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

[ $# -ge 1 ] && [[ $1 != -* ]] || die "push.sh HOST [ssh options…] [-- install.sh options…]"
HOST=$1
shift
ssh_options=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  ssh_options+=("$1")
  shift
done
[ $# -eq 0 ] || shift

work=$(mktemp -d)
remote=''
# shellcheck disable=SC2029 # what is given here is meant for the other side
on_host() { ssh "${ssh_options[@]}" "$HOST" "$@"; }
clean_up() {
  local status=$?
  trap - EXIT
  rm -rf "$work"
  [ -z "$remote" ] || on_host "rm -rf '$remote'" || echo "warning: $remote is left on $HOST" >&2
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$HERE/build-wheel.sh" "$work/dist" "${PYTHON:-python3}"
wheel=$(basename "$work"/dist/*.whl)
echo "built        $wheel"

remote=$(on_host 'mktemp -d /tmp/volspike-push.XXXXXXXX') || die "$HOST cannot be reached: see above"
tar -cz -C "$work/dist" "$wheel" -C "$HERE/.." requirements.lock deploy systemd | on_host "tar -xz -C '$remote'" ||
  die "the release cannot be copied to $HOST:$remote: see above"
echo "copied       to $HOST:$remote"

command="'$remote/deploy/install.sh' --wheel '$remote/$wheel'"
for option in "$@"; do
  command+=" $(printf '%q' "$option")"
done
terminal=()
[ ! -t 0 ] || terminal=(-t) # sudo may ask for a password
# shellcheck disable=SC2029 # it is meant for the other side
ssh "${terminal[@]}" "${ssh_options[@]}" "$HOST" \
  "if [ \"\$(id -u)\" -eq 0 ]; then $command; else sudo $command; fi" || die "$wheel is not running on $HOST: see above"
echo "deployed     $wheel on $HOST"

#!/usr/bin/env bash
# Go back to the release that ran before, or to a named one that is still there, and verify it. As root.
#   rollback.sh [VERSION]
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
umask 022
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/releases.sh
. "$HERE/releases.sh"

main() {
  local former wanted=${1:-}
  [[ $wanted != -* ]] || die "unknown option $wanted: rollback.sh [VERSION]"
  need_root "$@"
  systemd_runs || die "systemd does not run here"
  take_lock
  trap '' HUP PIPE
  former=$(release_of "$CURRENT")
  if [ -z "$wanted" ]; then
    wanted=$(release_of "$PREVIOUS")
    [ -n "$wanted" ] || die "there is nothing to roll back to: ${former:-nothing} is the only release that ran here"
  fi
  is_complete "$wanted" || die "release $wanted is not here; these are: $(complete_releases | paste -sd' ')"
  [ "$wanted" != "$former" ] || die "release $wanted is the current one already"

  activate "$wanted"
  say "current      $wanted (before: ${former:-nothing})"
  bring_up "$wanted"
  "$HERE/verify.sh" --within 90 || die "rolled back to $wanted, which is not up: see above"
  [ -z "$former" ] || say "rolled back  $former to $wanted; rollback.sh once more returns to $former"
}

main "$@"
exit

#!/usr/bin/env bash
# Remove VolSpike from this machine; settings and data stay unless --purge is given. As root, and again at will.
#   uninstall.sh [--purge]
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/releases.sh
. "$HERE/releases.sh"

main() {
  local unit purge=no units
  case ${1:-} in
    '') ;;
    --purge) purge=yes ;;
    *) die "unknown option $1: uninstall.sh [--purge]" ;;
  esac
  need_root "$@"
  take_lock
  trap '' HUP PIPE

  units=$(installed_units)
  if [ -n "$units" ]; then
    # Timers first, so that nothing is started again.
    for unit in $(grep '\.timer$' <<<"$units") $(grep -v '\.timer$' <<<"$units"); do
      remove_unit "$unit"
      say "removed      $unit"
    done
  fi
  if systemd_runs; then
    systemctl daemon-reload
  fi
  [ "$(readlink "$COMMAND_LINK" 2>/dev/null)" != "$CURRENT/bin/volspike" ] || rm -f "$COMMAND_LINK"
  rm -f "$COMPLETION"
  if [ -d "$HOME_DIR" ]; then
    rm -rf "$HOME_DIR"
    say "removed      $HOME_DIR"
  fi
  rm -rf /run/volspike /run/volspike-health

  if [ "$purge" = no ]; then
    say "kept         $SETTINGS_DIR, /var/lib/volspike, /var/lib/volspike-health and the user volspike; --purge removes them, but no backup"
    return
  fi
  rm -rf "$SETTINGS_DIR" /var/lib/volspike /var/lib/volspike-health
  if getent passwd volspike >/dev/null; then
    userdel volspike
  fi
  if getent group volspike >/dev/null; then
    groupdel volspike
  fi
  say "removed      $SETTINGS_DIR, /var/lib/volspike and the user volspike"
  # Backups are for what should not have happened, such as this; nobody but root is left to own them.
  if [ -d "$BACKUPS" ]; then
    chown -R root:root "$BACKUPS"
    say "kept         $BACKUPS, which is root's now: remove it by hand"
  fi
}

main "$@"
exit

# shellcheck shell=bash
# What install, rollback, verify and uninstall agree on: where things are, and how a release becomes the running one.
# Sourced, never run.

readonly HOME_DIR=/opt/volspike
readonly RELEASES=$HOME_DIR/releases
readonly CURRENT=$HOME_DIR/current
readonly PREVIOUS=$HOME_DIR/previous
readonly COMPLETE=.complete
readonly SETTINGS_DIR=/etc/volspike
readonly SETTINGS=$SETTINGS_DIR/volspike.env
readonly BACKUPS=/var/lib/volspike-backups
readonly UNIT_DIR=/etc/systemd/system
readonly DROP_IN=10-volspike.conf
readonly COMMAND_LINK=/usr/local/bin/volspike
readonly COMPLETION=/usr/local/share/bash-completion/completions/volspike
readonly TARGET=volspike.target
readonly BACKEND=volspike-backend.service
readonly OURS='^# Part of VolSpike\.'
readonly LOCK=/run/lock/volspike-deploy.lock
readonly LOCK_SECONDS=60

# A closed pipe or terminal (a lost ssh connection) must not stop a deployment half-way.
say() { printf '%s\n' "$*" 2>/dev/null || true; }
die() {
  printf 'error: %s\n' "$*" >&2 2>/dev/null || true
  exit 1
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die "$(basename "$0") runs as uid $(id -u) and must run as root: sudo $0 $*"
}

systemd_runs() { [ -d /run/systemd/system ]; }

# One deployment at a time; the lock goes with the process, also after kill -9.
take_lock() {
  exec 9>"$LOCK" || die "$LOCK cannot be opened: make /run/lock writable"
  flock -w "$LOCK_SECONDS" 9 || die "another installation has been running for $LOCK_SECONDS s: wait for it ($LOCK)"
}

# --- releases ---------------------------------------------------------------------------------------------------

# The name of the release that a link (current, previous) points at; nothing when there is none.
release_of() {
  local target
  target=$(readlink "$1" 2>/dev/null) || return 0
  [ -f "$HOME_DIR/$target/$COMPLETE" ] || return 0
  basename "$target"
}

is_complete() { [ -f "$RELEASES/$1/$COMPLETE" ]; }

# Newest first.
complete_releases() {
  local marker
  [ -d "$RELEASES" ] || return 0
  find "$RELEASES" -mindepth 2 -maxdepth 2 -name "$COMPLETE" -printf '%T@ %h\n' | sort -rn |
    while read -r _ marker; do basename "$marker"; done
}

# rename(2) is the switch: a reader sees the old release or the new one, never neither.
point() { # LINK NAME
  ln -sfn "releases/$2" "$1.new"
  mv -T "$1.new" "$1"
}

# What a kill -9 in the middle of an installation has left.
remove_leftovers() {
  local directory
  [ -d "$RELEASES" ] || return 0
  for directory in "$RELEASES"/*/; do
    [ -d "$directory" ] && [ ! -e "$directory$COMPLETE" ] || continue
    rm -rf "$directory"
    say "removed      $(basename "$directory"), left half-installed by an interrupted installation"
  done
}

prune_releases() { # KEEP
  local name kept=0 current previous
  current=$(release_of "$CURRENT")
  previous=$(release_of "$PREVIOUS")
  while read -r name; do
    kept=$((kept + 1))
    [ "$kept" -gt "$1" ] && [ "$name" != "$current" ] && [ "$name" != "$previous" ] || continue
    rm -rf "${RELEASES:?}/$name"
    say "removed      old release $name"
  done < <(complete_releases)
}

# --- settings ---------------------------------------------------------------------------------------------------

# Is this of the settings true, as a release reads them? What it refuses altogether its daemons report themselves.
settings_have() { # RELEASE PROPERTY
  "$RELEASES/$1/bin/python" -I - "$SETTINGS" "$2" <<'PYTHON'
import sys
from pathlib import Path

from volspike import settings

try:
    found = settings.load(settings.read_file(Path(sys.argv[1])))
except settings.SettingsError:
    sys.exit(0)
sys.exit(not getattr(found, sys.argv[2], False))
PYTHON
}

# --- units ------------------------------------------------------------------------------------------------------

units_of() { # RELEASE [PATTERN]: the names of its units
  local directory=$RELEASES/$1/share/systemd
  find "$directory/" -maxdepth 1 -type f \( -name '*.service' -o -name '*.timer' -o -name '*.target' \) -printf '%f\n' |
    grep -E -- "${2:-.}" | sort
}

# The services that run all the time: those that the target starts by themselves.
daemons_of() { # RELEASE
  local unit
  for unit in $(units_of "$1" '\.service$'); do
    grep -q '^\[Install\]' "$RELEASES/$1/share/systemd/$unit" && echo "$unit"
  done
  return 0
}

is_ours() { grep -qs "$OURS" "$1"; }

installed_units() {
  local file
  for file in "$UNIT_DIR"/*.service "$UNIT_DIR"/*.timer "$UNIT_DIR"/*.target; do
    is_ours "$file" && basename "$file"
  done
  return 0
}

switch_off() {
  systemctl disable --quiet --now "$1" 2>/dev/null || true
  systemctl reset-failed "$1" 2>/dev/null || true
}

remove_unit() {
  switch_off "$1"
  rm -f "$UNIT_DIR/$1" "$UNIT_DIR/$1.d/$DROP_IN"
  rmdir "$UNIT_DIR/$1.d" 2>/dev/null || true
}

place() { # FILE DESTINATION: whole or not at all; untouched when equal
  cmp -s "$1" "$2" && return 0
  install -m 0644 "$1" "$2.new"
  mv -T "$2.new" "$2"
}

link() { # TARGET LINK; untouched when equal
  [ "$(readlink "$2" 2>/dev/null)" = "$1" ] || ln -sfn "$1" "$2"
}

# Shall a unit start with the suite? One that the running release had too and that is disabled now was disabled by
# the operator, and stays so; but the embedded backend runs exactly where the settings point at it.
is_wanted() { # UNIT RELEASE FORMER-RELEASE
  if [ "$1" = "$BACKEND" ]; then
    settings_have "$2" uses_embedded_backend
  else
    [ -z "$3" ] || [ ! -f "$RELEASES/$3/share/systemd/$1" ] || systemctl is-enabled --quiet "$1" 2>/dev/null
  fi
}

# Put the units of a release in place.
install_units() { # RELEASE FORMER-RELEASE
  local unit source=$RELEASES/$1/share/systemd fresh=()
  for unit in $(installed_units); do
    [ -f "$source/$unit" ] && continue
    remove_unit "$unit"
    say "removed      $unit, which $1 does not have"
  done
  for unit in $(units_of "$1"); do
    place "$source/$unit" "$UNIT_DIR/$unit"
    grep -q '^\[Install\]' "$source/$unit" || continue
    if is_wanted "$unit" "$1" "$2"; then
      fresh+=("$unit")
    elif [ "$unit" = "$BACKEND" ]; then
      switch_off "$unit"
      say "left         $unit disabled: the settings name other backends"
    else
      say "left         $unit disabled, as it was"
    fi
  done
  [ "${#fresh[@]}" -eq 0 ] || systemctl enable --quiet "${fresh[@]}" 2>/dev/null ||
    die "systemctl enable ${fresh[*]} failed: run it by hand to see why, then install again"
  # Last: systemctl does not find a unit whose drop-in leads nowhere yet.
  for unit in $(units_of "$1" '\.service$'); do
    mkdir -p "$UNIT_DIR/$unit.d"
    link "$CURRENT/share/systemd/common.conf" "$UNIT_DIR/$unit.d/$DROP_IN"
  done
}

# Make a release the current one: units, then code, then systemd's view of both.
activate() { # RELEASE
  local former
  former=$(release_of "$CURRENT")
  install_units "$1" "$former"
  if [ "$former" != "$1" ]; then
    [ -z "$former" ] || point "$PREVIOUS" "$former"
    point "$CURRENT" "$1"
  fi
  if [ -e "$COMMAND_LINK" ] && [ "$(readlink "$COMMAND_LINK")" != "$CURRENT/bin/volspike" ]; then
    say "left         $COMMAND_LINK, which is not ours; the command is $CURRENT/bin/volspike"
  else
    link "$CURRENT/bin/volspike" "$COMMAND_LINK"
  fi
  complete_for_bash "$1"
  if systemd_runs; then
    systemctl daemon-reload
  fi
}

# A release that cannot write the script is none the worse for it.
complete_for_bash() { # RELEASE
  mkdir -p "$(dirname "$COMPLETION")"
  if "$RELEASES/$1/bin/volspike" completion bash >"$COMPLETION.new" 2>/dev/null; then
    mv -T "$COMPLETION.new" "$COMPLETION"
  else
    rm -f "$COMPLETION.new"
  fi
}

process_of() { systemctl show --property=MainPID --value "$1"; }

started_at() { # UNIT: epoch seconds
  local stamp
  stamp=$(systemctl show --timestamp=unix --property=ExecMainStartTimestamp --value "$1")
  echo "${stamp#@}"
}

# The release whose interpreter the unit's process runs; nothing when it runs none.
release_run_by() { # UNIT
  local program=
  IFS= read -r -d '' program < <(cat "/proc/$(process_of "$1")/cmdline" 2>/dev/null) || true
  [[ $program == "$RELEASES"/* ]] || return 0
  program=${program#"$RELEASES"/}
  echo "${program%%/*}"
}

# When what the unit reads at its start was last changed: epoch seconds.
changed_at() { # UNIT
  stat -L -c %Y "$SETTINGS" "$UNIT_DIR/$1" "$UNIT_DIR/$1.d"/*.conf 2>/dev/null | sort -n | tail -n 1
}

# Does the unit's process run this release, its present unit file and the present settings?
is_up_to_date() { # UNIT RELEASE
  systemctl is-active --quiet "$1" || return 1
  [ "$(release_run_by "$1")" = "$2" ] || return 1
  [ "$(changed_at "$1")" -lt "$(started_at "$1")" ]
}

# Start what is down and restart what is out of date; the rest is not touched. Readiness is for verify.sh to judge.
bring_up() { # RELEASE
  local unit stale=()
  for unit in $(daemons_of "$1"); do
    systemctl is-enabled --quiet "$unit" 2>/dev/null || continue
    systemctl reset-failed "$unit" 2>/dev/null || true
    is_up_to_date "$unit" "$1" || stale+=("$unit")
  done
  for unit in "${stale[@]}"; do
    # Timestamps have seconds: started in the same one as the change, it would look out of date for ever.
    for _ in {1..15}; do
      [ "$(changed_at "$unit")" -ge "$(date +%s)" ] || break
      sleep 0.1
    done
  done
  [ "${#stale[@]}" -eq 0 ] || systemctl restart --no-block "${stale[@]}"
  systemctl start --no-block "$TARGET"
  if [ "${#stale[@]}" -eq 0 ]; then
    say "running      all units are up to date; none was restarted"
  else
    say "restarting   ${stale[*]}"
  fi
}

#!/usr/bin/env bash
# Install VolSpike on this machine, or upgrade it; run it again at will. As root.
set -euo pipefail
umask 022
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/releases.sh
. "$HERE/releases.sh"

readonly OLDEST_PYTHON=3.11
# Every unit name of the suite, old and new: what --import retires.
readonly KNOWN_UNITS="
  binance-funding-ws.service binance-funding-api.service oi-realtime-poller.service volspike.service
  user-alert-checker.service telegram-channel-poller.service volspike-courier.service volspike-backend.service
  volspike-dashboard.service volspike-backup.service volspike-backup.timer
  oi-liquid-universe.service oi-liquid-universe.timer
  funding-health-check.service funding-health-check.timer volspike.target"

usage() {
  cat <<'TEXT'
install.sh [options]      install this version of VolSpike, or upgrade to it

  --wheel FILE      the wheel to install (default: built from this source checkout)
  --wheels DIR      install offline: every dependency is taken from this directory
  --env FILE        first settings, put into /etc/volspike/volspike.env if that does not exist yet
  --import DIR      take over an installation of the old scripts in DIR, and retire its units
  --no-start        install only: nothing is started, restarted or verified
  --python PYTHON   the interpreter to use (default: the first python3 that is new enough)
  --keep N          releases to keep (default 3; the current and the previous one always stay)
  --within SECONDS  how long fresh data may take after the start (default 90)
  --help            this text
TEXT
}

WHEEL='' WHEELS='' FIRST_SETTINGS='' IMPORT='' START=yes PYTHON='' KEEP=3 WITHIN=90

read_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --no-start) START=no && shift && continue ;;
      --help | -h) usage && exit 0 ;;
      --wheel | --wheels | --env | --import | --python | --keep | --within) ;;
      *) die "unknown option $1: install.sh --help lists them" ;;
    esac
    [ $# -ge 2 ] || die "$1 needs a value: install.sh --help"
    case $1 in
      --wheel) WHEEL=$2 ;;
      --wheels) WHEELS=$2 ;;
      --env) FIRST_SETTINGS=$2 ;;
      --import) IMPORT=$2 ;;
      --python) PYTHON=$2 ;;
      --keep) KEEP=$2 ;;
      --within) WITHIN=$2 ;;
    esac
    shift 2
  done
  [ -z "$WHEEL" ] || [ -f "$WHEEL" ] || die "--wheel $WHEEL: there is no such file"
  [ -z "$WHEELS" ] || [ -d "$WHEELS" ] || die "--wheels $WHEELS: there is no such directory"
  [ -z "$FIRST_SETTINGS" ] || [ -f "$FIRST_SETTINGS" ] || die "--env $FIRST_SETTINGS: there is no such file"
  [[ $KEEP =~ ^[1-9][0-9]*$ ]] || die "--keep $KEEP: must be a number from 1"
  [[ $WITHIN =~ ^[1-9][0-9]*$ ]] || die "--within $WITHIN: must be a number of seconds from 1"
}

# --- before anything changes --------------------------------------------------------------------------------------

is_new_enough() { "$1" -c "import sys; sys.exit(sys.version_info < (${OLDEST_PYTHON/./, }))" 2>/dev/null; }

find_python() {
  local name real
  if [ -z "$PYTHON" ]; then
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
      command -v "$name" >/dev/null && is_new_enough "$name" && PYTHON=$name && break
    done
    PYTHON=${PYTHON:-python3}
  fi
  command -v "$PYTHON" >/dev/null || die "$PYTHON is not installed: apt install python3 python3-venv"
  is_new_enough "$PYTHON" ||
    die "$PYTHON is $("$PYTHON" --version 2>&1) and VolSpike needs $OLDEST_PYTHON or newer:" \
      "install one and name it with --python"
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || die "$PYTHON cannot make environments: apt install python3-venv"
  real=$("$PYTHON" -c 'import os, sys; print(os.path.realpath(sys.executable))')
  case $real in
    /home/* | /root/*) die "--python $real is in a home directory, which the service user cannot enter: use another one" ;;
  esac
}

# Units of the same names that are not ours.
foreign_units() {
  local unit
  for unit in $KNOWN_UNITS; do
    if [ -e "$UNIT_DIR/$unit" ] || [ -L "$UNIT_DIR/$unit" ]; then
      is_ours "$UNIT_DIR/$unit" || echo "$unit"
    fi
  done
}

refuse_foreign_units() {
  local unit
  for unit in $(foreign_units); do
    [ -f "$HERE/../systemd/$unit" ] || continue
    die "$UNIT_DIR/$unit is there and not ours: --import DIR takes an old installation over, or move it away"
  done
}

# --- the release --------------------------------------------------------------------------------------------------

WORK=''
UNFINISHED='' # the release directory that is being made
RELEASE=''

from_wheel() { # PATH-IN-WHEEL DESTINATION
  "$PYTHON" -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    sys.stdout.buffer.write(wheel.read(sys.argv[2]))' "$WHEEL" "$1" >"$2" 2>/dev/null ||
    die "$WHEEL has no $1: it is not a wheel of VolSpike"
}

pip() { # RELEASE-DIRECTORY ARGUMENTS...
  local directory=$1
  shift
  PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
    "$directory/bin/python" -m pip --quiet "$@" >"$WORK/pip.log" 2>&1 && return 0
  cat "$WORK/pip.log" >&2 || true
  return 1
}

get_wheel() {
  if [ -n "$WHEEL" ]; then
    WHEEL=$(realpath "$WHEEL")
    return
  fi
  [ -f "$HERE/../pyproject.toml" ] || die "this is not a source checkout: name the wheel with --wheel FILE"
  "$HERE/build-wheel.sh" "$WORK/dist" "$PYTHON" ${WHEELS:+"$WHEELS"}
  WHEEL=$(find "$WORK/dist" -name '*.whl')
}

# The release of this wheel: the one that is there and works, or the first free name.
choose_release() { # VERSION SHA256
  local name
  for name in "$1" "$1-${2:0:8}" "$1-${2:0:8}-"{2..99}; do
    RELEASE=$name
    [ -e "$RELEASES/$name" ] || return 0
    [ "$(cat "$RELEASES/$name/wheel.sha256" 2>/dev/null)" = "$2" ] || continue
    "$RELEASES/$name/bin/volspike" --version >/dev/null 2>&1 && return 0
  done
}

# Take the dependencies of a release that needs the very same ones, as links to its files: an upgrade then takes
# seconds, and each release kept little of the disk. One whose packages are broken is not taken from.
share_dependencies() { # RELEASE-DIRECTORY NEEDS
  local other packages
  packages=$(cd "$1" && echo lib/python3*/site-packages)
  for other in $(complete_releases); do
    [ "$(cat "$RELEASES/$other/dependencies.sha256" 2>/dev/null)" = "$2" ] || continue
    "$RELEASES/$other/bin/python" -m pip check >/dev/null 2>&1 || continue
    rm -rf "${1:?}/$packages"
    cp -al "$RELEASES/$other/$packages" "$1/$packages" || die "the packages of $other cannot be linked to"
    rm -rf "$1/$packages"/volspike "$1/$packages"/volspike-*.dist-info
    return 0
  done
  return 1
}

build_release() {
  local version sha directory needs offline=()
  version=$(basename "$WHEEL" | cut -d- -f2)
  sha=$(sha256sum "$WHEEL" | cut -d' ' -f1)
  choose_release "$version" "$sha"
  directory=$RELEASES/$RELEASE
  if is_complete "$RELEASE"; then
    say "release      $RELEASE is there already"
    return
  fi
  [ -z "$WHEELS" ] || offline=(--no-index --find-links "$WHEELS")
  from_wheel volspike/share/requirements.lock "$WORK/requirements.lock"
  from_wheel volspike/share/requirements-tgcrypto.lock "$WORK/requirements-tgcrypto.lock"

  mkdir -p "$RELEASES"
  UNFINISHED=$directory
  "$PYTHON" -m venv "$directory"
  needs=$("$directory/bin/python" -VV | cat - "$WORK"/requirements*.lock | sha256sum | cut -d' ' -f1)
  if ! share_dependencies "$directory" "$needs"; then
    pip "$directory" install "${offline[@]}" --require-hashes --requirement "$WORK/requirements.lock" ||
      die "the dependencies of $version cannot be installed: see above${WHEELS:+, and what is missing in $WHEELS}"
    "$HERE/tgcrypto.sh" "$directory" "$WORK/requirements-tgcrypto.lock" "${offline[@]}"
  fi
  echo "$needs" >"$directory/dependencies.sha256"
  pip "$directory" install --no-index --no-deps "$WHEEL" || die "$WHEEL cannot be installed: see above"
  "$directory/bin/volspike" --version >/dev/null || die "$WHEEL is installed and does not start: see above"
  ln -s "$(cd "$directory" && echo lib/python3*/site-packages/volspike/share)" "$directory/share"
  echo "$sha" >"$directory/wheel.sha256"
  chmod -R u+rwX,go+rX,go-w "$directory"
  sync -f "$directory"
  touch "$directory/$COMPLETE"
  UNFINISHED=''
  NEW_RELEASE=yes
  say "release      $RELEASE built in $directory"
}

# --- settings -----------------------------------------------------------------------------------------------------

ensure_user() {
  getent passwd volspike >/dev/null && return 0
  useradd --system --user-group --home-dir /var/lib/volspike --no-create-home --shell /usr/sbin/nologin volspike
  say "user         volspike made"
}

# The settings as they will be, and the message of `config check` when they are wrong. Values are read as systemd
# reads them, and judged as the service user.
check_settings() {
  local example=$RELEASES/$RELEASE/share/.env.example
  SETTINGS_ORIGIN=''
  if [ -f "$SETTINGS" ]; then
    cp "$SETTINGS" "$WORK/settings"
  elif [ -n "$FIRST_SETTINGS" ]; then
    cp "$FIRST_SETTINGS" "$WORK/settings"
    SETTINGS_ORIGIN=$FIRST_SETTINGS
  elif [ -n "$IMPORT" ] && "$PYTHON" "$HERE/takeover.py" settings "$IMPORT" >"$WORK/settings" && [ -s "$WORK/settings" ]
  then
    SETTINGS_ORIGIN=$IMPORT
  elif [ -f "$example" ]; then
    cp "$example" "$WORK/settings"
    SETTINGS_ORIGIN="the example, all defaults"
  else
    echo "# Settings of VolSpike; 'volspike config check' judges them." >"$WORK/settings"
    SETTINGS_ORIGIN="nothing, all defaults"
  fi
  "$RELEASES/$RELEASE/bin/python" -I - "$WORK/settings" "$RELEASES/$RELEASE/bin/volspike" <<'PYTHON' ||
import os, pwd, sys

settings, volspike = sys.argv[1:]
environment = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "VOLSPIKE_STATE_DIR": "/var/lib/volspike",
    "VOLSPIKE_RUNTIME_DIR": "/run/volspike",
}
with open(settings, encoding="utf-8", errors="replace") as file:
    for line in map(str.strip, file):
        name, equals, value = line.partition("=")
        if line[:1] in ("", "#", ";") or not equals:
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        environment[name.strip()] = value
user = pwd.getpwnam("volspike")
os.initgroups(user.pw_name, user.pw_gid)
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
os.chdir("/")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.execve(volspike, [volspike, "config", "check"], environment)
PYTHON
    die "the settings (${SETTINGS_ORIGIN:-$SETTINGS}) are wrong: correct what is named above; nothing was changed"
  say "settings     ${SETTINGS_ORIGIN:-$SETTINGS}: valid"
}

# --- from here on the machine changes --------------------------------------------------------------------------------

retire_units() {
  local unit units directory
  units=$(foreign_units)
  [ -n "$units" ] || return 0
  directory=$SETTINGS_DIR/retired-units/$(date +%Y-%m-%d_%H%M%S)
  mkdir -p "$directory"
  # Timers first, so that nothing starts a job again.
  for unit in $(echo "$units" | grep '\.timer$') $(echo "$units" | grep -v '\.timer$'); do
    systemctl disable --quiet --now "$unit" 2>/dev/null || systemctl stop "$unit" 2>/dev/null || true
    mv "$UNIT_DIR/$unit" "$directory/"
    if [ -d "$UNIT_DIR/$unit.d" ]; then
      mv "$UNIT_DIR/$unit.d" "$directory/"
    fi
    say "retired      $unit, kept in $directory"
  done
  if systemd_runs; then
    systemctl daemon-reload
  fi
}

prepare_machine() {
  install -d -m 0750 -o root -g volspike "$SETTINGS_DIR"
  install -d -m 0750 -o volspike -g volspike /var/lib/volspike "$BACKUPS"
  if [ -n "$IMPORT" ]; then
    retire_units
    "$PYTHON" "$HERE/takeover.py" data "$IMPORT" /var/lib/volspike >"$WORK/taken"
    say "$(cat "$WORK/taken")"
    if [ "$SETTINGS_ORIGIN" = "$IMPORT" ]; then
      say "took         its settings into $SETTINGS"
    else
      say "left         its settings: $SETTINGS comes from ${SETTINGS_ORIGIN:-before}"
    fi
  fi
  if [ -n "$FIRST_SETTINGS" ] && [ "$SETTINGS_ORIGIN" != "$FIRST_SETTINGS" ]; then
    say "left         $FIRST_SETTINGS: $SETTINGS is there already"
  fi
  if [ -n "$SETTINGS_ORIGIN" ]; then
    replace_settings
    say "settings     $SETTINGS made from $SETTINGS_ORIGIN"
  fi
  make_key
}

# The embedded backend and those who speak to it share a key that no human needs to know.
make_key() {
  settings_have "$RELEASE" uses_embedded_backend || return 0
  ! settings_have "$RELEASE" backend_key || return 0
  cp "$SETTINGS" "$WORK/settings"
  [ -z "$(tail -c 1 "$WORK/settings")" ] || echo >>"$WORK/settings"
  printf '# The key of the embedded backend, made by install.sh.\nVOLSPIKE_API_KEY=%s\n' \
    "$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')" >>"$WORK/settings"
  replace_settings
  say "key          made for the embedded backend, in $SETTINGS"
}

replace_settings() {
  install -m 0640 -o root -g volspike "$WORK/settings" "$SETTINGS.new"
  mv -T "$SETTINGS.new" "$SETTINGS"
}

NEW_RELEASE=no
FORMER=''          # what ran before
FORMER_PREVIOUS='' # and what ran before that
SWITCHED=no

switch() {
  FORMER=$(release_of "$CURRENT")
  FORMER_PREVIOUS=$(release_of "$PREVIOUS")
  [ -z "$FORMER" ] || [ "$FORMER" = "$RELEASE" ] || SWITCHED=yes
  activate "$RELEASE"
  if [ "$FORMER" = "$RELEASE" ]; then
    say "current      $RELEASE, as before"
  else
    say "current      $RELEASE${FORMER:+ (before: $FORMER)}"
  fi
}

# Back to what ran before, as if this upgrade had never been tried.
undo() {
  SWITCHED=no
  say "rolling back to $FORMER"
  activate "$FORMER"
  if [ -n "$FORMER_PREVIOUS" ]; then
    point "$PREVIOUS" "$FORMER_PREVIOUS"
  else
    rm -f "$PREVIOUS"
  fi
  [ "$NEW_RELEASE" = no ] || rm -rf "${RELEASES:?}/$RELEASE"
  bring_up "$FORMER"
  "$HERE/verify.sh" --within 90 # as rollback.sh: --within is what the new one may take
}

verify() {
  "$HERE/verify.sh" --within "$WITHIN" && return 0
  if [ "$SWITCHED" = yes ]; then
    if undo; then
      die "$RELEASE failed its verification (see above); rolled back, $FORMER runs again"
    else
      die "$RELEASE failed its verification (see above); rolled back to $FORMER, which fails its own too:" \
        "look at journalctl -u of each FAIL"
    fi
  fi
  die "$RELEASE is installed and failed its verification (see above): look at journalctl -u of each FAIL," \
    "correct $SETTINGS and install again"
}

# shellcheck disable=SC2329 # the trap calls it
clean_up() {
  local status=$?
  trap - EXIT
  [ -z "$UNFINISHED" ] || rm -rf "$UNFINISHED"
  if [ "$status" -ne 0 ] && [ "$SWITCHED" = yes ]; then
    undo || true
  elif [ "$status" -ne 0 ] && [ "$NEW_RELEASE" = yes ] && [ "$(release_of "$CURRENT")" != "$RELEASE" ]; then
    rm -rf "${RELEASES:?}/$RELEASE"
  fi
  [ -z "$WORK" ] || rm -rf "$WORK"
  exit "$status"
}

main() {
  read_options "$@"
  need_root "$@"
  [ "$START" = no ] || systemd_runs || die "systemd does not run here: use --no-start, or another machine"
  find_python
  [ -z "$IMPORT" ] || "$PYTHON" "$HERE/takeover.py" check "$IMPORT" || exit 1
  [ -n "$IMPORT" ] || refuse_foreign_units
  take_lock
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap '' HUP PIPE # a lost connection must not stop it half-way
  WORK=$(mktemp -d)

  remove_leftovers
  get_wheel
  build_release
  ensure_user
  check_settings

  prepare_machine
  switch
  if [ "$START" = no ]; then
    say "not started  as told; systemctl start $TARGET starts it"
  else
    bring_up "$RELEASE"
    verify
  fi
  SWITCHED=no
  prune_releases "$KEEP"
}

main "$@"
exit

#!/usr/bin/env bash
# Is the suite up? Units active and ready, the API answers, the data is fresh. Exit 0 when all of it is so. As root.
#   verify.sh [--within SECONDS]    how long to wait for it (default 30)
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" && exit 0 ;; esac
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=deploy/releases.sh
. "$HERE/releases.sh"

readonly FEED=binance-funding-ws.service
readonly API=binance-funding-api.service
readonly CHANNELS=telegram-channel-poller.service
readonly EX_CONFIG=78
# A daemon that dies right after it was ready is not up: all must hold at two looks with this pause between.
readonly PAUSE=3

within=30
case ${1:-} in
  '') ;;
  --within) within=${2:-} ;;
  *) die "unknown option $1: verify.sh [--within SECONDS]" ;;
esac
[[ $within =~ ^[1-9][0-9]*$ ]] || die "--within $within: must be a number of seconds from 1"
need_root "$@"

setting() { # UNIT NAME DEFAULT: as the unit's process has it
  local value
  value=$(cat "/proc/$(process_of "$1")/environ" 2>/dev/null | tr '\0' '\n' | sed -n "s/^$2=//p" | tail -n 1) || true
  echo "${value:-$3}"
}

FINDINGS=() PROCESSES='' HOPELESS=no

found() { FINDINGS+=("$1"); }

look_at_unit() { # UNIT
  local state result status
  state=$(systemctl show --property=ActiveState --value "$1")
  result=$(systemctl show --property=Result --value "$1")
  status=$(systemctl show --property=StatusText --value "$1")
  if [ "$state" = active ] && [ "$(release_run_by "$1")" = "$release" ]; then
    found "ok    $1 is ready: ${status:-no status}"
    return
  fi
  if [ "$state" = failed ] && [ "$1" = "$CHANNELS" ] &&
    [ "$(systemctl show --property=ExecMainStatus --value "$1")" = "$EX_CONFIG" ]; then
    # Settings were judged before anything was started, so it is its login that it misses; nothing else suffers.
    found "ok    $1 waits for a login: ${status:-sudo volspike telegram-login}"
    return
  fi
  if [ "$state" = failed ]; then
    HOPELESS=yes
    if [ "$(systemctl show --property=ExecMainStatus --value "$1")" = "$EX_CONFIG" ]; then
      result="bad configuration, exit $EX_CONFIG: volspike config check"
    fi
  fi
  if [ "$state" = active ]; then
    found "FAIL  $1 still runs ${release:+$(release_run_by "$1") instead of }$release"
  else
    found "FAIL  $1 is $state ($result)${status:+: $status}"
  fi
}

look_at_api() {
  local host port
  host=$(setting "$API" FUNDING_API_HOST 127.0.0.1)
  port=$(setting "$API" FUNDING_API_PORT 8888)
  case $host in
    0.0.0.0) host=127.0.0.1 ;;
    *:*) host="[$host]" ;;
  esac
  local line
  while IFS= read -r line; do
    found "$line"
  done < <("$CURRENT/bin/python" -I - "http://$host:$port" "$(started_at "$FEED")" <<'PYTHON' 2>&1
import json
import sys
import urllib.error
import urllib.request

base, feed_started = sys.argv[1], float(sys.argv[2] or 0)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(path):
    try:
        with opener.open(base + path, timeout=3) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 0, str(getattr(error, "reason", error)).encode()


def text(body):
    return body.decode("utf-8", "replace").strip()[:200]


status, body = ask("/ready")
print("ok    API answers /ready" if status == 200 else f"FAIL  API {base}/ready: {status or 'no answer'}: {text(body)}")
status, body = ask("/funding/health")
if status != 200:
    print(f"FAIL  API {base}/funding/health: {status or 'no answer'}: {text(body)}")
else:
    health = json.loads(body)
    symbols, age = health.get("symbolCount"), health.get("newestDataAgeSeconds")
    # The state file outlives its writer: data that came before the feed was started proves nothing.
    if (health.get("lastConnectedTime") or 0) < feed_started:
        print("FAIL  data is from before the start: the feed has not connected yet")
    else:
        print(f"ok    data is fresh: {symbols} symbols, the newest {age} s old")
PYTHON
  )
}

look() {
  local unit
  FINDINGS=() PROCESSES=''
  for unit in $(units_of "$release"); do
    grep -q '^\[Install\]' "$UNIT_DIR/$unit" 2>/dev/null || continue
    if ! systemctl is-enabled --quiet "$unit"; then
      found "ok    $unit is disabled, so it was not looked at"
    elif [[ $unit == *.service ]]; then
      look_at_unit "$unit"
      PROCESSES+=" $(process_of "$unit")"
    elif systemctl is-active --quiet "$unit"; then
      found "ok    $unit is active"
    else
      found "FAIL  $unit is $(systemctl show --property=ActiveState --value "$unit")"
    fi
  done
  if ! systemctl is-enabled --quiet "$API" || ! systemctl is-enabled --quiet "$FEED"; then
    return
  fi
  case $(setting "$API" WS_FUNDING_ENABLED true) in
    [Ff]alse | 0 | [Nn]o | [Oo]ff) found "ok    WS_FUNDING_ENABLED is false, so its data was not looked at" ;;
    *) look_at_api ;;
  esac
}

all_well() { ! printf '%s\n' "${FINDINGS[@]}" | grep -q '^FAIL'; }

main() {
  local deadline=$((SECONDS + within)) before=''
  release=$(release_of "$CURRENT")
  [ -n "$release" ] || die "nothing is installed in $HOME_DIR: install.sh does that"
  systemd_runs || die "systemd does not run here"
  while :; do
    look
    if all_well; then
      [ "$before" != "$PROCESSES" ] || break
      if [ -n "$before" ] && [ "$SECONDS" -ge "$deadline" ]; then
        found "FAIL  a daemon was started anew between two looks, again and again"
        break
      fi
      before=$PROCESSES
      sleep "$PAUSE"
      continue
    fi
    before=''
    [ "$HOPELESS" = no ] && [ "$SECONDS" -lt "$deadline" ] || break
    sleep 1
  done
  printf '%s\n' "${FINDINGS[@]}" 2>/dev/null || true
  if all_well; then
    say "verified     $release is up"
  else
    die "$release is not up after $within s: see FAIL above"
  fi
}

main
exit

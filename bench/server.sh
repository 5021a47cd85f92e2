#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: server.sh BIN [ROUNDS [SECONDS]]
#
# What the community server takes, by wrk on loopback: members' profiles, beside
# a constant answer of its HTTP library alone and the server's own of /healthz;
# and events one at a time, beside that and what Engine::Process takes of 64
# threads. All take turns, ROUNDS times (5) of SECONDS (4) each, over 64
# connections; rates of requests are off. The programs are those in BIN. The
# community is made up anew, in build/bench/server, and the servers are ended.
set -euo pipefail

usage='usage: server.sh BIN [ROUNDS [SECONDS]]'
bin=$(readlink -f "${1:?$usage}")
rounds=${2-5}
seconds=${3-4}
bench=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
folder=$(dirname "$bench")/build/bench/server
community=$folder/community
readonly connections=64

token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# median COLUMN < lines of numbers.
median() {
  cut -d ' ' -f "$1" | sort -g | awk '{ all[NR] = $1 }
    END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'
}

rm -rf "$folder"
mkdir -p "$folder"
"$bin/loyalty" simulate-community --members 300 --days 120 --seed 7 \
  --out "$folder/events.jsonl" >&2
"$bin/community_server" "$community" --import "$folder/events.jsonl" >&2
"$bin/loyalty" balances --db "$community/rewards.db" --currency points --json |
  sed -n 's/.*"member":"\([^"]*\)".*/\1/p' >"$folder/members"

: >"$folder/address" && : >"$folder/limit_address"
read_token=$(token) write_token=$(token) admin_token=$(token)
COMMUNITY_READ_TOKEN=$read_token COMMUNITY_WRITE_TOKEN=$write_token \
  COMMUNITY_ADMIN_TOKEN=$admin_token "$bin/community_server" "$community" \
  --port 0 --rate 0 --quiet >"$folder/address" 2>"$folder/server.log" &
pids=$!
"$bin/constant_server" 128 >"$folder/limit_address" 2>"$folder/limit.log" &
pids+=" $!"
# shellcheck disable=SC2086
trap 'kill $pids 2>/dev/null || true; wait $pids || true' EXIT
for ((i = 0; i < 300; ++i)); do
  address=$(<"$folder/address")
  limit=$(<"$folder/limit_address")
  [[ -z $address || -z $limit ]] || break
  # shellcheck disable=SC2086
  kill -0 $pids 2>/dev/null || break
  sleep 0.1
done
if [[ -z $address || -z $limit ]]; then
  cat "$folder/server.log" "$folder/limit.log" >&2
  echo "server.sh: a server did not start: see above" >&2
  exit 3
fi

# ask WHAT [ARGUMENT...]: adds "requests/s p99-in-ms" to the figures of WHAT;
# `limit` is the other server.
ask() {
  local requests took p99 failed what=$1 at=$address
  if [[ $what == limit ]]; then
    at=$limit
    set -- healthz
  fi
  read -r _ requests took p99 failed < <(wrk -t 1 -c "$connections" \
    -d "${seconds}s" --timeout 30s -s "$bench/server.lua" "$at" -- "$@" | grep '^figures')
  if ((failed > 0 || requests == 0)); then
    echo "server.sh: of $requests $what, $failed were not answered as they should" >&2
    exit 3
  fi
  awk "BEGIN { print $requests / $took, $p99 / 1000 }" >>"$folder/$what"
}

# Of 64 threads, one event each at a time.
ask_engine() {
  "$bin/bench_process" --only engine --members 10000 --batch 1 --threads 64 --turns 1 \
    --events "$((2000 * seconds))" --folder "$folder" \
    --json "$folder/process.json" >/dev/null
  sed -n 's/.*"events\/s": *\([0-9.]*\).*/\1 0/p' "$folder/process.json" |
    head -n 1 >>"$folder/engine"
}

for ((round = 1; round <= rounds; ++round)); do
  ask limit
  ask healthz
  ask profiles "$folder/members" "$read_token"
  ask events "$folder/members" "$write_token" "round-$round"
  ask_engine
done

cat <<END

The community server over loopback, wrk with $connections connections on one thread. Medians of
$rounds rounds of $seconds s; ratios are of each round, and then their median.

| | a second | p99 ms | times the library | times /healthz | times the engine |
| --- | ---: | ---: | ---: | ---: | ---: |
END
# row TITLE NAME: against those of the same round.
row() {
  local line
  line=$(paste -d ' ' "$folder/$2" "$folder/limit" "$folder/healthz" \
    "$folder/engine" | awk '{ print $1, $2, $1 / $3, $1 / $5, $1 / $7 }')
  printf '| %s | %.0f | %.1f | %.2f | %.2f | %.2f |\n' "$1" \
    "$(median 1 <<<"$line")" "$(median 2 <<<"$line")" "$(median 3 <<<"$line")" \
    "$(median 4 <<<"$line")" "$(median 5 <<<"$line")"
}
row 'cpp-httplib alone, a constant answer' limit
row '/healthz, a constant answer' healthz
row "members' profiles" profiles
row 'events, one at a time' events
printf '| the engine alone, 64 threads | %.0f | | | | |\n' \
  "$(median 1 <"$folder/engine")"

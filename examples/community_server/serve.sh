#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: serve.sh COMMAND SERVER [PORT [FOLDER]]
#
# Starts the community server on loopback with a made-up community of 300
# members and four months, and says where its page is and how to sign in. It is
# made in FOLDER (build/serve) the first time, and is what it has become after
# that.
set -euo pipefail

usage='usage: serve.sh COMMAND SERVER [PORT [FOLDER]]'
loyalty=$(readlink -f "${1:?$usage}")
server=$(readlink -f "${2:?$usage}")
port=${3-8080}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd -P)
folder=${4-$root/build/serve}
community=$folder/community

# first KEY: its value in the first line of JSON that has it.
first() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }
password() { od -An -N6 -tx1 /dev/urandom | tr -d ' \n'; }

if [[ ! -f $community/content.db ]]; then
  mkdir -p "$folder"
  # What is left of one that was interrupted.
  rm -rf "$community"
  "$loyalty" simulate-community --members 300 --days 120 --seed 7 \
    --out "$folder/events.jsonl" >&2
  "$server" "$community" --import "$folder/events.jsonl"
fi
top=$("$loyalty" leaderboard --db "$community/rewards.db" --ladder welcomer \
  --top 3 --json)
member=$(tail -n 1 <<<"$top" | first member)
of_member=$(password) of_admin=$(password)

cat >&2 <<END

  Open  http://127.0.0.1:$port  in a browser.

  Sign in as a member:  $member  with  $of_member
  or as an admin:       admin  with  $of_admin

  curl -s -H 'Content-Type: application/json' \\
    -d '{"member":"$member","password":"$of_member"}' \\
    http://127.0.0.1:$port/api/session

  Ctrl-C stops it. The community stays in $folder; delete that for a new one.

END
exec "$server" "$community" --port "$port" --sign-in "$member:$of_member" \
  --admin "admin:$of_admin" --quiet

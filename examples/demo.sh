#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: demo.sh COMMAND [FOLDER]
#
# Shows the command at work on a made-up community of 2,000 members and a year:
# runs a likes-only program and brand_community over the same log, and asks both
# the same question. Everything is made in FOLDER (build/demo) and stays there.
set -euo pipefail

loyalty=$(readlink -f "${1:?usage: demo.sh COMMAND [FOLDER]}")
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
folder=${2-$root/build/demo}
programs=$root/examples/programs
mkdir -p "$folder"
rm -f "$folder"/*.jsonl "$folder"/*.db "$folder"/*.db-* "$folder"/*.lock
cd "$folder"

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} ]]; then
  bold=$'\e[1m' plain=$'\e[0m'
fi
title() { printf '\n%s== %s%s\n\n' "$bold" "$*" "$plain"; }
# Shows the command as one would type it, then what it says.
show() {
  printf '$ loyalty %s\n' "$*"
  "$loyalty" "$@"
}
# first KEY: its value in the first line of JSON that has it.
first() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }

title "A community: 2,000 members, a year, every client a little unreliable"
show simulate-community --members 2000 --days 365 --seed 7 --out events.jsonl

title "Run the program over it"
cp "$programs/brand_community.textproto" "$programs/likes_only.textproto" .
show run --program brand_community.textproto --db brand_community.db \
  events.jsonl

title "Three paths to success"
for ladder in expert welcomer conversation_starter; do
  show leaderboard --db brand_community.db --ladder "$ladder" --top 5
  echo
done

title "One member"
top=$("$loyalty" leaderboard --db brand_community.db --ladder welcomer \
  --top 3 --json)
member=$(tail -n 1 <<<"$top" | first member)
show member "$member" --db brand_community.db
echo
show statement "$member" --db brand_community.db --currency welcome --limit 8

title "Why? One of those awards, explained"
newest=$("$loyalty" statement "$member" --db brand_community.db \
  --currency welcome --json)
event=$(grep '"kind":"award"' <<<"$newest" | tail -n 1 | first event)
show explain "$event" --db brand_community.db

title "What to do next, and what coins buy"
show next "$member" --db brand_community.db --limit 4
echo
show rewards --db brand_community.db --member "$member"

title "Does it all hold? Every event replayed, every posting added up again"
show verify --db brand_community.db

title "What it is for: the most active tenth, and who of them is rewarded"
"$loyalty" run --program likes_only.textproto --db likes_only.db \
  events.jsonl >/dev/null
show rewarded --db likes_only.db events.jsonl
echo
show rewarded --db brand_community.db events.jsonl
echo
printf 'Ask on:  ./dev loyalty member %s --db %s\n' \
  "$member" "$folder/brand_community.db"
printf 'See it live, as a community with an API:  ./dev serve\n'

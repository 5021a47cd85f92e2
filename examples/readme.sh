#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: readme.sh [COMMAND]
#
# Makes the files that README.md asks, shop.db and the others, in the folder that
# it is called in: small programs and logs, as one would write them by hand.
# COMMAND is the command `loyalty`; without, it is built. A test then asks what
# README.md asks, and compares the answers.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
loyalty=("$root/dev" loyalty)
(($# == 0)) || loyalty=("$1")
programs=$root/examples/programs

# make FILE PROGRAM: of the events on standard input; anew, if it is there.
make() {
  rm -f "$1" "$1"-wal "$1"-shm "$1".lock
  "${loyalty[@]}" run --strict --program "$2" --db "$1" - >/dev/null
}

make shop.db "$programs/corner_shop.textproto" <<'END'
{"id":"e1","type":"purchase","time":"2026-03-01T12:00:00Z","actor":"ana","attributes":{"cents":5000}}
{"id":"e2","type":"purchase","time":"2026-03-02T12:00:00Z","actor":"ana","attributes":{"cents":900,"on_sale":true}}
END

make airline.db "$programs/airline.textproto" <<'END'
{"id":"f1","type":"flight","time":"2026-02-01T12:00:00Z","actor":"ana","attributes":{"miles":40000}}
{"id":"f2","type":"flight","time":"2026-02-09T12:00:00Z","actor":"ana","attributes":{"miles":40000}}
{"id":"f3","type":"flight","time":"2026-03-01T12:00:00Z","actor":"ana","attributes":{"miles":10000}}
{"id":"f4","type":"flight","time":"2026-03-09T12:00:00Z","actor":"ana","attributes":{"miles":10000}}
END

make habit.db "$programs/daily_habit.textproto" <<'END'
{"id":"l1","type":"lesson","time":"2026-03-02T18:00:00Z","actor":"ana","attributes":{"course":"spanish"}}
{"id":"l2","type":"lesson","time":"2026-03-03T18:00:00Z","actor":"ana","attributes":{"course":"spanish"}}
{"id":"l3","type":"lesson","time":"2026-03-04T18:00:00Z","actor":"ana","attributes":{"course":"spanish"}}
{"id":"l4","type":"lesson","time":"2026-03-04T19:00:00Z","actor":"bob","attributes":{"course":"latin","perfect":true}}
{"id":"l5","type":"lesson","time":"2026-03-05T07:00:00Z","actor":"eve","attributes":{"course":"latin","perfect":true}}
{"id":"l6","type":"lesson","time":"2026-03-05T08:00:00Z","actor":"dan","attributes":{"course":"latin"}}
{"id":"l7","type":"lesson","time":"2026-03-05T09:00:00Z","actor":"cy","attributes":{"course":"latin"}}
END

cat >riders.textproto <<'END'
name: "riders" version: "1"
currency { id: "points" }
event_type { id: "ride" attribute { name: "team" type: OBJECT required: true }
             attribute { name: "km" type: INT required: true } }
quest { id: "three_hundred" describe: "300 kilometres of your team in a week"
        together: "event.team" period: WEEK min_contribution: 10
        step { id: "km" on: "ride" sum: "event.km" goal: 300 }
        award { currency: "points" units: "50" } }
END
make riders.db riders.textproto <<'END'
{"id":"r1","type":"ride","time":"2026-03-02T12:00:00Z","actor":"ana","attributes":{"team":"wheelers","km":120}}
{"id":"r2","type":"ride","time":"2026-03-03T12:00:00Z","actor":"bob","attributes":{"team":"wheelers","km":9}}
END

cat >club.textproto <<'END'
name: "club" version: "1"
currency { id: "points" }
event_type { id: "visit" attribute { name: "units" type: INT required: true } }
rule { id: "visit" on: "visit" award { currency: "points" units: "event.units" } }
leaderboard { id: "week" currency: "points" period: WEEK
              prize { ranks: "1" award { currency: "points" units: 100 } } }
END
make club.db club.textproto <<'END'
{"id":"v1","type":"visit","time":"2026-03-17T12:00:00Z","actor":"ana","attributes":{"units":50}}
{"id":"v2","type":"visit","time":"2026-03-18T12:00:00Z","actor":"bob","attributes":{"units":10}}
{"id":"v3","type":"visit","time":"2026-03-24T12:00:00Z","actor":"bob","attributes":{"units":10}}
END

cat >town.textproto <<'END'
name: "town" version: "1"
currency { id: "points" }
event_type { id: "visit" attribute { name: "units" type: INT required: true } }
event_type { id: "moved" attribute { name: "city" type: STRING } }
rule { id: "visit" on: "visit" award { currency: "points" units: "event.units" } }
leaderboard { id: "city" currency: "points" period: MONTH by: "city"
              prize { ranks: "1" award { currency: "points" units: 50 } } }
END
make town.db town.textproto <<'END'
{"id":"m1","type":"moved","time":"2026-03-01T12:00:00Z","actor":"klaus","attributes":{"city":"Bern"}}
{"id":"m2","type":"moved","time":"2026-03-01T12:00:00Z","actor":"clara","attributes":{"city":"Bern"}}
{"id":"m3","type":"moved","time":"2026-03-01T12:00:00Z","actor":"liam","attributes":{"city":"Genf"}}
{"id":"v1","type":"visit","time":"2026-03-02T12:00:00Z","actor":"klaus","attributes":{"units":5}}
{"id":"v2","type":"visit","time":"2026-03-03T12:00:00Z","actor":"clara","attributes":{"units":3}}
{"id":"v3","type":"visit","time":"2026-03-04T12:00:00Z","actor":"liam","attributes":{"units":10}}
END

cat >forum_1.textproto <<'END'
name: "forum" version: "1"
currency { id: "points" }
event_type { id: "answer" }
END
cat >forum_2.textproto <<'END'
name: "forum" version: "2"
currency { id: "points" }
event_type { id: "answer" }
metric { id: "answers" on: "answer" }
rule { id: "answering" on: "answer" describe: "you answered a question"
       award { currency: "points" units: "10" } }
badge { id: "helper" when: "metric.answers >= 2" }
END
make forum.db forum_1.textproto <<'END'
{"id":"a1","type":"answer","time":"2026-01-01T12:00:00Z","actor":"ada"}
{"id":"a2","type":"answer","time":"2026-01-02T12:00:00Z","actor":"ada"}
{"id":"a3","type":"answer","time":"2026-01-03T12:00:00Z","actor":"bob"}
{"id":"a4","type":"answer","time":"2026-01-04T12:00:00Z","actor":"ada"}
{"id":"a5","type":"answer","time":"2026-01-05T12:00:00Z","actor":"ada"}
END
"${loyalty[@]}" switch --program forum_2.textproto --db forum.db >/dev/null

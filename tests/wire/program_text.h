// SPDX-License-Identifier: Apache-2.0
//
// One program in both notations, which says everything a program can say once.
#ifndef LOYALTY_TESTS_WIRE_PROGRAM_TEXT_H_
#define LOYALTY_TESTS_WIRE_PROGRAM_TEXT_H_

#include <string_view>

namespace loyalty::wire {

inline constexpr std::string_view kFullProgram = R"(# A community.
name: "forum"
version: "1"
time_zone: "Europe/Berlin"
max_ahead: "1h"
never_earns: ["admin", 'bot']

parameter { id: "points" default: "5" describe: "per like" }
parameter { id: "stretch" type: DOUBLE default: "1.5" }
currency {
  id: "karma"
  opening: 10
  floor: -0x10
  daily_cap { units: 200 exempt: "gift" exempt: "prize" }
}
event_type {
  id: "like"
  attribute { name: "owner" type: MEMBER required: true }
  attribute { name: "tags" type: STRING list: true }
  attribute: [{ name: "words" type: INT default: "0" }]
}
metric { id: "likes" on: "like" per: "event.owner" sum: "1" when: "true" }
rule {
  id: "liked"
  describe: "Being "
            "liked"
  on: ["like"]
  when: "event.words > 3"
  award {
    to: "event.owner" currency: "karma" units: "param.points" when: "true"
    limit { per: DAY units: 50 key: PAIR group: "g" }
    self: ALLOW
  }
  limit: [{ per: WEEK times: 3 }, { times: 9 key: OBJECT }]
}
rule {
  id: "gone" on: "delete"
  reverse_object { object: "event.target" rule: "liked" keep: ["a", "b"] }
}
rule { id: "undo" on: "undo" reverse_event { event: "event.id" } }
ladder {
  id: "status" currency: "karma"
  level { id: "new" }
  level { id: "old" at: 100 privilege: "edit" }
}
)";

inline constexpr std::string_view kFullProgramInJson = R"({
  "name": "forum", "version": "1", "timeZone": "Europe/Berlin",
  "max_ahead": "1h",
  "never_earns": ["admin", "bot"],
  "parameter": [
    {"id": "points", "default": "5", "describe": "per like"},
    {"id": "stretch", "type": "DOUBLE", "default": "1.5"}],
  "currency": [{
    "id": "karma", "opening": "10", "floor": -16,
    "dailyCap": {"units": 200, "exempt": ["gift", "prize"]}}],
  "event_type": [{
    "id": "like", "describe": null,
    "attribute": [
      {"name": "owner", "type": "MEMBER", "required": true},
      {"name": "tags", "type": "STRING", "list": true},
      {"name": "words", "type": "INT", "default": "0"}]}],
  "metric": [{"id": "likes", "on": ["like"], "per": "event.owner",
              "sum": "1", "when": "true"}],
  "rule": [
    {"id": "liked", "describe": "Being liked", "on": ["like"],
     "when": "event.words \u003e 3",
     "award": [{"to": "event.owner", "currency": "karma",
                "units": "param.points", "when": "true",
                "limit": [{"per": "DAY", "units": 50, "key": "PAIR",
                           "group": "g"}],
                "self": "ALLOW"}],
     "limit": [{"per": "WEEK", "times": 3}, {"times": 9, "key": "OBJECT"}]},
    {"id": "gone", "on": ["delete"],
     "reverse_object": {"object": "event.target", "rule": ["liked"],
                        "keep": ["a", "b"]}},
    {"id": "undo", "on": ["undo"], "reverseEvent": {"event": "event.id"}}],
  "ladder": [{"id": "status", "currency": "karma",
    "level": [{"id": "new"}, {"id": "old", "at": 100,
                              "privilege": ["edit"]}]}]
})";

}  // namespace loyalty::wire

#endif  // LOYALTY_TESTS_WIRE_PROGRAM_TEXT_H_

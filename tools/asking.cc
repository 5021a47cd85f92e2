// SPDX-License-Identifier: Apache-2.0
//
// loyalty redeem, capture, void, cancel, fulfil, transfer, merge, adjust, erase
// and sweep: what a host asks for a member, at the file itself, by the program
// that it has. Asked again with the same --id, it is answered as before.
#include "asking.h"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "at.h"
#include "base/suggest.h"
#include "command.h"
#include "loyalty/engine.h"
#include "output.h"
#include "voucher_key.h"

namespace loyalty::command {
namespace {

// Without --at, what has been asked under this id before is asked again as it
// was then, so that it has its answer.
absl::StatusOr<absl::Time> TimeOf(Queries& queries, const std::string& at,
                                  const std::string& id) {
  if (at.empty() && !id.empty()) {
    const absl::StatusOr<Explanation> before = queries.Explain(id);
    if (before.ok()) return before->event.time;
  }
  return TimeAsked(queries, at);
}

// What became of it, in sentences.
void PrintOutcome(Engine& engine, const Outcome& outcome) {
  if (outcome.seq == 0) {
    return Print("Rejected: " + PrintableLine(outcome.reason) + ".\n");
  }
  if (outcome.repeat) Print("As answered before:\n");
  const auto queries = engine.Query();
  if (!queries.ok()) return Complain(queries.status().ToString());
  const auto explanation = (*queries)->Explain(outcome.event_id);
  if (!explanation.ok()) return Complain(explanation.status().ToString());
  for (const std::string& sentence : explanation->sentences) {
    Print(PrintableLine(sentence) + "\n");
  }
  for (const std::string& code : outcome.vouchers) {
    Print("The code that proves it: " + PrintableLine(code) + "\n");
  }
  for (const RuleNote& note : outcome.notes) {
    Print("(" + PrintableLine(note.text) + ")\n");
  }
}

// One that the member may see, and that was likely meant.
void SuggestReward(Engine& engine, absl::Time at, const std::string& member,
                   const std::string& name) {
  const auto queries = engine.Query();
  if (!queries.ok()) return;
  const auto offers = (*queries)->Rewards(member, at);
  if (!offers.ok()) return;
  std::vector<std::string> known;
  for (const RewardOffer& offer : *offers) known.push_back(offer.reward);
  const std::string suggestion = base::DidYouMean(name, known);
  if (!suggestion.empty()) Complain(suggestion);
}

}  // namespace

absl::StatusOr<Asked> OpenAsked(const std::string& db, const std::string& at,
                                const std::string& id,
                                const std::string& key_file) {
  const auto queries = Queries::Open(db);
  if (!queries.ok()) return queries.status();
  const absl::StatusOr<absl::Time> time = TimeOf(**queries, at, id);
  if (!time.ok()) return time.status();
  if (*time == absl::InfinitePast()) {
    return absl::InvalidArgumentError(
        "the file has no event yet: say when it is, with --at");
  }
  const absl::StatusOr<Program> program = (*queries)->CurrentProgram();
  if (!program.ok()) return program.status();
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      OpenEngine(db, *program, key_file);
  if (!engine.ok()) return engine.status();
  return Asked{*std::move(engine), *time};
}

Exit NotAsked(const std::string& db, const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? Failed(status, Exit::kUsage)
                                         : DbFailed(db, status);
}

Exit AskFor(const AskOptions& options, Ask ask) {
  const absl::StatusOr<Asked> asked =
      OpenAsked(options.db, options.at, options.id, options.voucher_key);
  if (!asked.ok()) return NotAsked(options.db, asked.status());
  const absl::StatusOr<Outcome> outcome = ask(*asked->engine, asked->at);
  if (!outcome.ok()) return QueryFailed(outcome.status());
  if (options.json) {
    Json json = ToJson(*outcome);
    json["repeat"] = outcome->repeat;
    PrintJson(json);
  } else {
    PrintOutcome(*asked->engine, *outcome);
  }
  return Finished(outcome->accepted() ? Exit::kDone : Exit::kNo);
}

Exit Redeem(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    const absl::StatusOr<Outcome> outcome =
        engine.Redeem(o.id, at, o.member, o.what, o.quantity);
    if (outcome.ok() && outcome->rejected == RejectReason::kUnknownReward) {
      SuggestReward(engine, at, o.member, o.what);
    }
    return outcome;
  });
}

Exit Capture(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Capture(o.id, at, o.member, o.what, o.units);
  });
}

Exit Void(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Void(o.id, at, o.member, o.what);
  });
}

Exit Cancel(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Cancel(o.id, at, o.member, o.what, o.units);
  });
}

Exit Fulfil(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Fulfil(o.id, at, o.member, o.what, o.by);
  });
}

Exit Transfer(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Transfer(o.id, at, o.member, o.what, o.currency,
                           o.units.value_or(0));
  });
}

Exit Merge(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Merge(o.id, at, o.member, o.what);
  });
}

Exit Adjust(const AskOptions& o) {
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Adjust(o.id, at, o.member, o.currency, o.units.value_or(0),
                         o.by, o.reason);
  });
}

// A person is told what it takes; nobody is asked, as a pipe could not answer.
Exit Erase(const EraseOptions& options) {
  const AskOptions& o = options.ask;
  if (!options.yes) {
    return Failed(absl::InvalidArgumentError(
                      "erasing a member cannot be undone, and backups made "
                      "before still have them: say --yes if that is meant"),
                  Exit::kUsage);
  }
  return AskFor(o, [&](Engine& engine, absl::Time at) {
    return engine.Erase(o.id, at, o.member);
  });
}

std::string TextOf(const Event& event, std::string_view name) {
  const auto found = event.attributes.find(name);
  const auto* const text = found == event.attributes.end()
                               ? nullptr
                               : std::get_if<std::string>(&found->second.get());
  return text == nullptr ? "" : *text;
}

// What the seasons that ended after entry `seq` came to, and who won.
absl::Status PrintSeasons(Engine& engine, int64_t seq) {
  const auto queries = engine.Query();
  if (!queries.ok()) return queries.status();
  while (true) {
    const auto page = (*queries)->Feed(seq, 100);
    if (!page.ok()) return page.status();
    if (page->empty()) return absl::OkStatus();
    for (const Outcome& outcome : *page) {
      seq = outcome.seq;
      const auto explained = (*queries)->Explain(outcome.event_id);
      if (!explained.ok()) return explained.status();
      if (explained->event.type != kSeasonEnded) continue;
      Print(PrintableLine(TextOf(explained->event, "leaderboard") + " " +
                          TextOf(explained->event, "season")) +
            ":\n");
      for (const std::string& sentence : explained->sentences) {
        Print("  " + PrintableLine(sentence) + "\n");
      }
    }
  }
}

Exit Sweep(const SweepOptions& options) {
  const absl::StatusOr<Asked> asked =
      OpenAsked(options.db, options.at, "", options.voucher_key);
  if (!asked.ok()) return NotAsked(options.db, asked.status());
  const absl::StatusOr<int64_t> made = asked->engine->Sweep(asked->at);
  if (!made.ok()) return Failed(made.status(), Exit::kNo);
  const auto queries = asked->engine->Query();
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<JournalHead> before = (*queries)->Head();
  if (!before.ok()) return QueryFailed(before.status());
  const absl::StatusOr<int64_t> ended = asked->engine->EndSeasons(asked->at);
  if (!ended.ok()) return Failed(ended.status(), Exit::kNo);
  const absl::StatusOr<int64_t> shares = asked->engine->ShareGoals(asked->at);
  if (!shares.ok()) return Failed(shares.status(), Exit::kNo);
  if (options.json) {
    PrintJson({{"until", Rfc3339(asked->at)},
               {"sweeps", *made},
               {"seasons_ended", *ended},
               {"goals_shared", *shares}});
  } else {
    if (*shares > 0) {
      Print("Gave shares of what many did together, in " +
            Counted(*shares, "entry", "entries") + ".\n");
    }
    if (*ended > 0) {
      Print("Ended " + Counted(*ended, "season", "seasons") +
            " of leaderboards, and gave their prizes.\n");
      const absl::Status printed = PrintSeasons(*asked->engine, before->seq);
      if (!printed.ok()) return QueryFailed(printed);
    }
    Print(*made == 0 ? "Nothing has fallen due until " + Rfc3339(asked->at) +
                           " that was not posted.\n"
                     : "Posted what fell due until " + Rfc3339(asked->at) +
                           ", in " + Counted(*made, "sweep", "sweeps") + ".\n");
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command

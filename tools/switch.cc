// SPDX-License-Identifier: Apache-2.0
//
// loyalty switch: lets a changed program decide from here on, or says what that
// would come to.
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <nlohmann/json.hpp>
#include <string>

#include "asking.h"
#include "command.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "output.h"
#include "program_file.h"

namespace loyalty::command {
namespace {

Json AsJson(const SwitchPreview& preview) {
  Json json = {{"from", preview.from},
               {"to", preview.to},
               {"differences", Json::array()},
               {"reasons_against", preview.reasons_against},
               {"ladders", Json::array()}};
  for (const ProgramDifference& difference : preview.differences) {
    Json one = {{"kind", Name(difference.kind)}, {"what", difference.what}};
    if (!difference.id.empty()) one["id"] = difference.id;
    json["differences"].push_back(std::move(one));
  }
  for (const SwitchPreview::Ladder& ladder : preview.ladders) {
    json["ladders"].push_back({{"id", ladder.id}, {"members", ladder.members}});
  }
  return json;
}

void PrintPreview(const SwitchPreview& preview) {
  Print("From version " + PrintableLine(preview.from) + " to version " +
        PrintableLine(preview.to) + ":\n");
  for (const ProgramDifference& difference : preview.differences) {
    Print("  " + PrintableLine(difference.ToString()) + "\n");
  }
  if (preview.differences.empty()) Print("  nothing differs\n");
  for (const SwitchPreview::Ladder& ladder : preview.ladders) {
    Print("On the ladder \"" + PrintableLine(ladder.id) + "\" " +
          Counted(ladder.members, "member stands", "members stand") +
          " at another level then.\n");
  }
  if (preview.reasons_against.empty()) {
    return Print("The file can go on with it.\n");
  }
  Print("The file cannot go on with it:\n");
  for (const std::string& reason : preview.reasons_against) {
    Print("  " + PrintableLine(reason) + "\n");
  }
}

Exit Preview(const SwitchOptions& options, const Program& program) {
  const auto queries = Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<SwitchPreview> preview =
      (*queries)->PreviewSwitch(program);
  if (!preview.ok()) return DbFailed(options.db, preview.status());
  if (options.json) {
    PrintJson(AsJson(*preview));
  } else {
    PrintPreview(*preview);
  }
  return Finished(preview->reasons_against.empty() ? Exit::kDone : Exit::kNo);
}

}  // namespace

Exit Switch(const SwitchOptions& options) {
  const absl::StatusOr<Parameters> parameters =
      ParametersOf(options.parameters);
  if (!parameters.ok()) return Failed(parameters.status(), Exit::kUsage);
  const absl::StatusOr<std::string> text = ProgramText(options.program);
  if (!text.ok()) return Failed(text.status(), Exit::kCouldNot);
  const absl::StatusOr<Program> program =
      Program::FromText(*text, options.program, {.parameters = *parameters});
  if (!program.ok()) return ProgramFailed(program.status());
  if (options.preview) return Preview(options, *program);
  AskOptions ask;
  ask.db = options.db;
  ask.id = options.id;
  ask.at = options.at;
  ask.voucher_key = options.voucher_key;
  ask.json = options.json;
  return AskFor(ask, [&](Engine& engine, absl::Time at) {
    return engine.Switch(*program, options.id, at);
  });
}

}  // namespace loyalty::command

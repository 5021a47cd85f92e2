// SPDX-License-Identifier: Apache-2.0
//
// See voucher_key.h.
#include "voucher_key.h"

#include <absl/time/time.h>

#include <optional>
#include <utility>

#include "program_file.h"

namespace loyalty::command {

absl::StatusOr<std::string> VoucherKeyIn(const std::string& path) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> key = ProgramText(path);
  if (key.ok() && key->back() == '\n') key->pop_back();
  return key;
}

absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(
    const std::string& db, const Program& program,
    const std::string& key_file) {
  absl::StatusOr<std::string> key = VoucherKeyIn(key_file);
  if (!key.ok()) return key.status();
  EngineOptions options;
  options.voucher_key = *std::move(key);
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      Engine::Open(db, program, std::move(options));
  if (!absl::IsInvalidArgument(engine.status())) return engine;
  // All options but this one are right.
  return absl::InvalidArgumentError(
      std::string(engine.status().message()) +
      "; give it with --voucher-key FILE, or name the file in "
      "LOYALTY_VOUCHER_KEY (openssl rand -hex 32 makes one)");
}

absl::StatusOr<std::unique_ptr<Engine>> OpenAndSwitch(
    const std::string& db, const Program& program,
    const std::string& key_file) {
  absl::Time time;
  std::optional<Program> current;
  {
    const auto queries = Queries::Open(db);
    // There is no file yet, or what is wrong with it is told by opening it.
    if (!queries.ok()) return OpenEngine(db, program, key_file);
    absl::StatusOr<Program> newest = (*queries)->CurrentProgram();
    if (!newest.ok()) return OpenEngine(db, program, key_file);
    if (newest->identity() == program.identity()) {
      return OpenEngine(db, program, key_file);
    }
    const absl::StatusOr<absl::Time> last = (*queries)->NewestTime();
    if (!last.ok()) return last.status();
    time = *last == absl::InfinitePast() ? absl::Now() : *last;
    current = *std::move(newest);
  }
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      OpenEngine(db, *current, key_file);
  if (!engine.ok()) return engine.status();
  const absl::StatusOr<Outcome> outcome = (*engine)->Switch(program, "", time);
  if (!outcome.ok()) return outcome.status();
  return engine;
}

}  // namespace loyalty::command

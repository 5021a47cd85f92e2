// SPDX-License-Identifier: Apache-2.0
//
// See voucher_key.h.
#include "voucher_key.h"

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

}  // namespace loyalty::command

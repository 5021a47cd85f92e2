// SPDX-License-Identifier: Apache-2.0
//
// The host's key of vouchers, which lies in a file of its own.
#ifndef LOYALTY_TOOLS_VOUCHER_KEY_H_
#define LOYALTY_TOOLS_VOUCHER_KEY_H_

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "loyalty/engine.h"

namespace loyalty::command {

// The bytes of the file, without one newline at its end; "" for "".
//
// ERRORS: kUnavailable, naming the file: it is missing, unreadable or empty.
absl::StatusOr<std::string> VoucherKeyIn(const std::string& path);

// Opens the file at `db`, with the key in `key_file`, or none for "".
//
// ERRORS: as Engine::Open, and VoucherKeyIn; where the program needs a key that
//         was not given, kInvalidArgument, saying how to give it.
absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(const std::string& db,
                                                   const Program& program,
                                                   const std::string& key_file);

// The same; where the file goes on with another program, it is switched to this
// one, as of the file's newest time.
//
// ERRORS: also those of Engine::Switch.
absl::StatusOr<std::unique_ptr<Engine>> OpenAndSwitch(
    const std::string& db, const Program& program, const std::string& key_file);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_VOUCHER_KEY_H_

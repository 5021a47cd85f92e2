// SPDX-License-Identifier: Apache-2.0
//
// Vouchers: codes that prove redemptions. What is known of them are counters of
// the program, whose keys are keyed hashes of codes: so a code is looked up by
// what nobody can make without the host's key, and how long that takes says
// nothing about codes. Codes themselves never get here (engine/voucher_key.h).
#ifndef LOYALTY_LIB_CORE_VOUCHERS_H_
#define LOYALTY_LIB_CORE_VOUCHERS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <string_view>

#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// The codes that one redemption may give.
inline constexpr int64_t kMostCodes = 100;
inline constexpr size_t kHashDigits = 32;  // of one code's hash

// Wrong codes in an hour, by our own clock, after which none is taken.
inline constexpr int64_t kMostWrongBy = 10;        // of who brings them
inline constexpr int64_t kMostWrongThrough = 100;  // of a channel

// Attributes that the engine adds to the events that it records.
// Of kRedeem: a hash for each code, one behind the other.
inline constexpr std::string_view kVoucherHash = "voucher";
inline constexpr std::string_view kSealedCode = "sealed";     // of an import
inline constexpr std::string_view kKeyPrint = "voucher_key";  // of both

// The entry that gave the code, a redemption or the capture of one; -1 for one
// that was imported and proves none yet.
model::CounterKey VoucherCounter(std::string_view hash);
// Which code of its redemption it is, from 2; 0 for the first.
model::CounterKey VoucherNumberCounter(std::string_view hash);
// Of the hashes of a redemption, that of its `code`-th code, from 1; "" if
// there are fewer.
std::string_view HashIn(std::string_view hashes, int64_t code);
// The entry that imported the `number`-th code of the pool, from 1.
model::CounterKey PoolCounter(model::Symbol pool, int64_t number);
// The entry that imported that code of the redemption, from 1.
model::CounterKey CodeOfCounter(std::string_view redemption, int64_t code);
// A print of the key that the file's vouchers are of.
model::CounterKey KeyPrintCounter();
// Wrong codes in the hour of `at`.
model::CounterKey WrongByCounter(const rules::CompiledProgram& program,
                                 std::string_view by, absl::Time at);
model::CounterKey WrongThroughCounter(const rules::CompiledProgram& program,
                                      std::string_view channel, absl::Time at);

// Until when the code of a redemption at `when` is good; InfiniteFuture for
// ever. `reward` may be null.
absl::Time GoodUntil(const rules::CompiledProgram& program,
                     const rules::Reward* reward, absl::Time when);

// Codes that were imported for the reward, and are neither given out nor
// `held` for those who hold the reward.
int64_t LeftInPool(int64_t imported, int64_t given, const model::Lots& held);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_VOUCHERS_H_

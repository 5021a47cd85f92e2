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

// Wrong codes in an hour, by our own clock, after which none is taken.
inline constexpr int64_t kMostWrongBy = 10;        // of who brings them
inline constexpr int64_t kMostWrongThrough = 100;  // of a channel

// Attributes that the engine adds to the events that it records.
inline constexpr std::string_view kVoucherHash = "voucher";   // of kRedeem
inline constexpr std::string_view kSealedCode = "sealed";     // of an import
inline constexpr std::string_view kKeyPrint = "voucher_key";  // of both

// The entry of the redemption that the code proves; -1 for one that was
// imported and proves none yet.
model::CounterKey VoucherCounter(std::string_view hash);
// The entry that imported the `number`-th code of the reward, from 1.
model::CounterKey PoolCounter(const rules::VoucherTerms& terms, int64_t number);
// The entry that imported the code of that redemption.
model::CounterKey CodeOfCounter(std::string_view redemption);
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

// Codes that were imported for the reward, and not given out.
int64_t LeftInPool(const rules::VoucherTerms& terms,
                   const model::EntityState& program);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_VOUCHERS_H_

// SPDX-License-Identifier: Apache-2.0
//
// VoucherKey: what makes codes out of the host's key, and keeps them out of the
// journal. An event that has a code, or will be given one, is sealed before
// anything else looks at it: from there on there are hashes only, so that
// deciding, replaying and verifying need no key.
//
// Our codes are an HMAC of their redemption's id, and of which of its codes it
// is: 80 bits that look random to
// whoever has not the key, the same whenever the redemption is sent again, and
// kept nowhere.
#ifndef LOYALTY_LIB_ENGINE_VOUCHER_KEY_H_
#define LOYALTY_LIB_ENGINE_VOUCHER_KEY_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "loyalty/event.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// Whether an event has to be sealed before it is processed.
bool IsAboutVouchers(const rules::CompiledProgram& program, const Event& event);

// Thread-safe.
class VoucherKey {
 public:
  // ERRORS: kInvalidArgument if `secret` is too short or too long.
  static absl::StatusOr<VoucherKey> Make(std::string_view secret);

  // What is recorded instead of `event`: the same for the same event.
  //
  // ERRORS: kInvalidArgument: the event has what only this adds, an actor where
  //         the code says whom it is about, or what cannot be a code.
  absl::StatusOr<Event> Sealed(const rules::CompiledProgram& program,
                               const Event& event) const;

  // Of a redemption, its `number`-th, from 1: four groups of four letters and
  // digits.
  std::string CodeOf(std::string_view redemption, int64_t number) const;

  // 32 digits, 0 to f. The same for all ways to write one of our codes.
  std::string HashOf(std::string_view code) const;

  // The code that was sealed with an event that imports one.
  //
  // ERRORS: kDataLoss: the key is another, or the event was changed.
  absl::StatusOr<std::string> ImportedCode(const Event& import) const;

  // Tells keys apart, and tells nothing about them; > 0.
  int64_t Print() const;

 private:
  explicit VoucherKey(std::string secret) : secret_(std::move(secret)) {}

  std::string For(std::string_view use) const;
  std::string HashesOf(const Event& redemption) const;

  std::string secret_;
};

// The key of a program with rewards that give vouchers; nullopt for others.
//
// ERRORS: kInvalidArgument if it needs one, and `secret` is none.
absl::StatusOr<std::optional<VoucherKey>> KeyFor(
    const rules::CompiledProgram& program, std::string_view secret);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_VOUCHER_KEY_H_

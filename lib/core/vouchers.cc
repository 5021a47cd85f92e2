// SPDX-License-Identifier: Apache-2.0
//
// See vouchers.h.
#include "core/vouchers.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/views.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/leg.h"
#include "ledger/lots.h"

namespace loyalty::core {
namespace {

model::CounterKey KeyedBy(model::Symbol name, std::string key,
                          int64_t window = 0) {
  return {.name = name,
          .window = window,
          .key = model::Entity{model::Entity::Kind::kObject, std::move(key)}};
}

void RejectTooMany(Leg& leg, std::string_view where, int64_t wrong) {
  leg.Reject(RejectReason::kTooManyAttempts,
             absl::StrCat(wrong, " wrong codes came from \"", base::av(where),
                          "\" in this hour: no code is taken from there "
                          "before it is over"));
}

}  // namespace

model::CounterKey VoucherCounter(std::string_view hash) {
  static const model::Symbol name("voucher");
  return KeyedBy(name, std::string(hash));
}

model::CounterKey PoolCounter(model::Symbol pool, int64_t number) {
  return KeyedBy(pool, absl::StrCat(number));
}

model::CounterKey VoucherNumberCounter(std::string_view hash) {
  static const model::Symbol name("voucher:number");
  return KeyedBy(name, std::string(hash));
}

std::string_view HashIn(std::string_view hashes, int64_t code) {
  const size_t from = static_cast<size_t>(code - 1) * kHashDigits;
  return from < hashes.size() ? hashes.substr(from, kHashDigits)
                              : std::string_view();
}

// Ids may be any text, so that the number is no part of the key.
model::CounterKey CodeOfCounter(std::string_view redemption, int64_t code) {
  static const model::Symbol name("voucher:code");
  return KeyedBy(name, std::string(redemption), code - 1);
}

model::CounterKey KeyPrintCounter() {
  static const model::Symbol name("voucher:key");
  return {.name = name};
}

model::CounterKey WrongByCounter(const rules::CompiledProgram& program,
                                 std::string_view by, absl::Time at) {
  static const model::Symbol name("voucher:wrong_by");
  return KeyedBy(name, std::string(by),
                 base::WindowStart(at, base::Period::kHour, program.time_zone));
}

model::CounterKey WrongThroughCounter(const rules::CompiledProgram& program,
                                      std::string_view channel, absl::Time at) {
  static const model::Symbol name("voucher:wrong_through");
  return KeyedBy(name, std::string(channel),
                 base::WindowStart(at, base::Period::kHour, program.time_zone));
}

absl::Time GoodUntil(const rules::CompiledProgram& program,
                     const rules::Reward* reward, absl::Time when) {
  if (reward == nullptr || !reward->voucher.has_value() ||
      !reward->voucher->valid_for.has_value()) {
    return absl::InfiniteFuture();
  }
  return base::After(when, *reward->voucher->valid_for, program.time_zone);
}

int64_t LeftInPool(int64_t imported, int64_t given, const model::Lots& held) {
  return imported - given - ledger::HeldOf(held);
}

// The first one says which key all of them are of.
void RememberKey(Leg& leg) {
  const int64_t print = AskedInt(leg.event, kKeyPrint, 0);
  if (print == 0 || leg.Counter(KeyPrintCounter()) != 0) return;
  leg.SetCounter(KeyPrintCounter(), print);
}

void IssueVouchers(Leg& leg, const rules::Reward& reward,
                   const TakeStock& take) {
  const rules::VoucherTerms& terms = *reward.voucher;
  for (int64_t code = 1; code <= take.quantity; ++code) {
    if (terms.imported) {
      int64_t& given = leg.ChangingCounter({.name = terms.given_counter});
      leg.decision.messages.push_back(
          {.entity = {},
           .what = GiveCode{terms.pool_counter, ++given, take.redemption, code},
           .actor = nullptr,
           .object = nullptr});
      continue;
    }
    const std::string_view hash = HashIn(take.hashes, code);
    if (hash.empty()) {
      return leg.Reject(RejectReason::kUnknownVoucher,
                        "the redemption has no hash of its code");
    }
    leg.SetCounter(VoucherCounter(hash), leg.cause.seq);
    if (code > 1) leg.SetCounter(VoucherNumberCounter(hash), code);
  }
}

void GiveImportedCode(Leg& leg, const GiveCode& give) {
  const BroughtCode& brought = leg.state.brought;
  leg.SetCounter(VoucherCounter(brought.code), leg.cause.seq);
  if (give.code > 1) {
    leg.SetCounter(VoucherNumberCounter(brought.code), give.code);
  }
  leg.SetCounter(CodeOfCounter(give.redemption, give.code), brought.seq);
}

void AddImportedCode(Leg& leg) {
  const std::string& id = AskedText(leg.event, "reward");
  const rules::Reward* const reward = leg.program.FindReward(id);
  if (reward == nullptr) {
    return leg.Reject(RejectReason::kUnknownReward,
                      absl::StrCat("there is no reward \"", id, "\""));
  }
  if (!reward->voucher.has_value() || !reward->voucher->imported) {
    return leg.Reject(
        RejectReason::kUnknownReward,
        absl::StrCat("\"", id, "\" gives no codes that are imported"));
  }
  const model::CounterKey code = VoucherCounter(AskedText(leg.event, "code"));
  if (leg.Counter(code) != 0) {
    return leg.Reject(RejectReason::kKnownVoucher,
                      "that code has been there before");
  }
  RememberKey(leg);
  leg.SetCounter(code, -1);
  const int64_t number =
      ++leg.ChangingCounter({.name = reward->voucher->imported_counter});
  leg.SetCounter(PoolCounter(reward->voucher->pool_counter, number),
                 leg.cause.seq);
}

// Also a good code is refused where too many wrong ones came from: else a
// refusal would tell wrong ones from good ones.
void CheckCode(Leg& leg, const PresentCode& present) {
  const std::string& by = AskedText(leg.event, "by");
  const model::CounterKey wrong_by =
      WrongByCounter(leg.program, by, present.at);
  if (leg.Counter(wrong_by) >= kMostWrongBy) {
    return RejectTooMany(leg, by, leg.Counter(wrong_by));
  }
  std::optional<model::CounterKey> wrong_through;
  if (leg.event.channel.has_value()) {
    wrong_through =
        WrongThroughCounter(leg.program, *leg.event.channel, present.at);
    if (leg.Counter(*wrong_through) >= kMostWrongThrough) {
      return RejectTooMany(leg, *leg.event.channel,
                           leg.Counter(*wrong_through));
    }
  }
  const std::string& hash = AskedText(leg.event, "code");
  const int64_t given = leg.Counter(VoucherCounter(hash));
  if (given > 0) {
    leg.decision.presented = given;
    leg.decision.presented_code =
        std::max<int64_t>(1, leg.Counter(VoucherNumberCounter(hash)));
    return;
  }
  leg.Reject(RejectReason::kUnknownVoucher, "no redemption has that code");
  ++leg.ChangingCounter(wrong_by);
  if (wrong_through.has_value()) ++leg.ChangingCounter(*wrong_through);
  leg.decision.counted_all_the_same = true;
}

}  // namespace loyalty::core

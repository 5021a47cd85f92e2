// SPDX-License-Identifier: Apache-2.0
//
// See vouchers.h.
#include "core/vouchers.h"

#include <absl/strings/str_cat.h>

#include <optional>
#include <string>
#include <utility>

#include "base/views.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

model::CounterKey KeyedBy(model::Symbol name, std::string key,
                          int64_t window = 0) {
  return {.name = name,
          .window = window,
          .key = model::Entity{model::Entity::Kind::kObject, std::move(key)}};
}

// The first voucher says which key all of them are of.
void RememberKey(Leg& leg) {
  const int64_t print = AskedInt(leg.event, kKeyPrint, 0);
  if (print == 0 || leg.Counter(KeyPrintCounter()) != 0) return;
  leg.SetCounter(KeyPrintCounter(), print);
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

model::CounterKey PoolCounter(const rules::VoucherTerms& terms,
                              int64_t number) {
  return KeyedBy(terms.pool_counter, absl::StrCat(number));
}

model::CounterKey CodeOfCounter(std::string_view redemption) {
  static const model::Symbol name("voucher:code");
  return KeyedBy(name, std::string(redemption));
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

int64_t LeftInPool(const rules::VoucherTerms& terms,
                   const model::EntityState& program) {
  return program.Counter({.name = terms.imported_counter}) -
         program.Counter({.name = terms.given_counter});
}

void IssueVoucher(Leg& leg, const rules::Reward& reward) {
  RememberKey(leg);
  const rules::VoucherTerms& terms = *reward.voucher;
  if (!terms.imported) {
    if (!IsAsked(leg.event, kVoucherHash)) {
      return leg.Reject(RejectReason::kUnknownVoucher,
                        "the redemption has no hash of its code");
    }
    return leg.SetCounter(VoucherCounter(AskedText(leg.event, kVoucherHash)),
                          leg.cause.seq);
  }
  const int64_t imported = leg.Counter({.name = terms.imported_counter});
  int64_t& given = leg.ChangingCounter({.name = terms.given_counter});
  if (given >= imported) {
    return leg.Reject(RejectReason::kOutOfStock,
                      absl::StrCat("no code for \"", reward.id, "\" is left"));
  }
  leg.decision.messages.push_back(
      {.entity = {},
       .what = GiveCode{.reward = reward.id, .number = ++given},
       .actor = nullptr,
       .object = nullptr});
}

void GiveImportedCode(Leg& leg, const GiveCode&) {
  const BroughtCode& brought = leg.state.brought;
  leg.SetCounter(VoucherCounter(brought.code), leg.cause.seq);
  leg.SetCounter(CodeOfCounter(leg.event.id), brought.seq);
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
  leg.SetCounter(PoolCounter(*reward->voucher, number), leg.cause.seq);
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
  const int64_t redemption =
      leg.Counter(VoucherCounter(AskedText(leg.event, "code")));
  if (redemption > 0) {
    leg.decision.presented = redemption;
    return;
  }
  leg.Reject(RejectReason::kUnknownVoucher, "no redemption has that code");
  ++leg.ChangingCounter(wrong_by);
  if (wrong_through.has_value()) ++leg.ChangingCounter(*wrong_through);
  leg.decision.counted_all_the_same = true;
}

}  // namespace loyalty::core

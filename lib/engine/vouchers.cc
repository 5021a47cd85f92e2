// SPDX-License-Identifier: Apache-2.0
//
// See vouchers.h.
#include "engine/vouchers.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "core/vouchers.h"

namespace loyalty::engine {
namespace {

using Kind = model::Movement::Kind;

// What a statement's lines say of one redemption.
struct Redeemed {
  MemberVoucher voucher = {};
  int64_t program = 0;  // that decided it
  int64_t left = 0;     // paid, and not given back
  bool is_refunded = false;
  bool is_fulfilled = false;
};

MemberVoucher::State StateOf(const Redeemed& redeemed, absl::Time at) {
  using State = MemberVoucher::State;
  if (redeemed.is_fulfilled) return State::kUsed;
  if (redeemed.is_refunded && redeemed.left == 0) return State::kVoid;
  return at >= redeemed.voucher.good_until ? State::kExpired : State::kIssued;
}

// By entry: so the oldest is first.
absl::StatusOr<std::map<int64_t, Redeemed>> RedemptionsOf(
    StoredPrograms& programs, const std::vector<store::StatementEntry>& lines) {
  std::map<int64_t, Redeemed> all;
  for (const store::StatementEntry& line : lines) {
    const model::Movement& movement = line.movement;
    if (movement.kind == Kind::kRedemption) {
      ASSIGN_OR_RETURN(const auto program, programs.Get(line.program));
      const rules::Reward* const reward =
          program->FindReward(std::string(movement.rule.text()));
      if (reward == nullptr || !reward->voucher.has_value()) continue;
      Redeemed& redeemed = all[movement.at.seq];
      redeemed.voucher = {
          .redemption = line.event_id,
          .reward = reward->id,
          .issued = line.time,
          .good_until = core::GoodUntil(*program, reward, line.time)};
      redeemed.program = line.program;
      redeemed.left -= movement.units;
      continue;
    }
    if (!movement.of.has_value()) continue;
    const auto found = all.find(movement.of->seq);
    if (found == all.end()) continue;
    found->second.is_fulfilled |= movement.kind == Kind::kFulfilment;
    if (movement.kind == Kind::kRefund) {
      found->second.is_refunded = true;
      found->second.left -= movement.units;
    }
  }
  return all;
}

}  // namespace

absl::StatusOr<std::string> CodeOfRedemption(const VoucherKey& key,
                                             const rules::Reward& reward,
                                             const std::string& redemption,
                                             CounterOfProgram counter,
                                             EntryOfJournal entry) {
  if (!reward.voucher.has_value()) return std::string();
  if (!reward.voucher->imported) return key.CodeOf(redemption);
  ASSIGN_OR_RETURN(const int64_t seq, counter(core::CodeOfCounter(redemption)));
  ASSIGN_OR_RETURN(const auto import, entry(seq));
  if (!import.has_value()) {
    return absl::DataLossError(
        absl::StrCat("the code of \"", redemption, "\" is not in the journal"));
  }
  return key.ImportedCode(import->event);
}

absl::StatusOr<std::vector<MemberVoucher>> VouchersOf(
    store::Reader& reader, StoredPrograms& programs,
    const std::vector<store::StatementEntry>& lines, absl::Time at,
    const VoucherKey* key) {
  const auto counter = [&](const model::CounterKey& name) {
    return reader.CounterOfProgram(name);
  };
  const auto entry =
      [&](int64_t seq) -> absl::StatusOr<std::optional<model::RecordedEvent>> {
    ASSIGN_OR_RETURN(auto page, reader.Events(seq - 1, 1));
    if (page.empty() || page.front().seq != seq) return std::nullopt;
    return std::move(page.front());
  };
  if (key != nullptr) {
    ASSIGN_OR_RETURN(const model::EntityState program, reader.Program());
    const int64_t print = program.Counter(core::KeyPrintCounter());
    if (print != 0 && print != key->Print()) {
      return absl::FailedPreconditionError(
          "the voucher key is not the one that the file's vouchers were made "
          "with");
    }
  }
  ASSIGN_OR_RETURN(auto all, RedemptionsOf(programs, lines));
  std::vector<MemberVoucher> vouchers;
  for (auto& [seq, redeemed] : all) {
    redeemed.voucher.state = StateOf(redeemed, at);
    MemberVoucher voucher = std::move(redeemed.voucher);
    if (key != nullptr) {
      ASSIGN_OR_RETURN(const auto program, programs.Get(redeemed.program));
      ASSIGN_OR_RETURN(
          voucher.code,
          CodeOfRedemption(*key, *program->FindReward(voucher.reward),
                           voucher.redemption, counter, entry));
    }
    vouchers.push_back(std::move(voucher));
  }
  return vouchers;
}

}  // namespace loyalty::engine

namespace loyalty {

std::string_view Name(MemberVoucher::State state) {
  switch (state) {
    case MemberVoucher::State::kIssued: return "issued";
    case MemberVoucher::State::kUsed: return "used";
    case MemberVoucher::State::kVoid: return "void";
    case MemberVoucher::State::kExpired: return "expired";
  }
  return "unknown";
}

}  // namespace loyalty

// SPDX-License-Identifier: Apache-2.0
//
// See vouchers.h.
#include "engine/vouchers.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/vouchers.h"

namespace loyalty::engine {
namespace {

using Kind = model::Movement::Kind;

// What a statement's lines say of one redemption, in the currency of its first
// movement: in others, all or nothing goes with that.
struct Redeemed {
  model::Position at = {};
  std::string id = {};
  const rules::Reward* reward = nullptr;  // of the program that decided it
  std::shared_ptr<const rules::CompiledProgram> program = {};
  int64_t asked = 0;
  int64_t given = 0;  // the entry that gave the codes; 0 if none has yet
  absl::Time issued = absl::InfinitePast();
  int64_t left = 0;  // paid, and not given back
  bool is_refunded = false;
  bool all_used = false;
  std::set<int64_t> used = {};  // codes
};

void Add(const store::StatementEntry& line, Redeemed& redeemed) {
  const model::Movement& movement = line.movement;
  switch (movement.kind) {
    case Kind::kRedemption:
    case Kind::kCapture:
      redeemed.given = movement.at.seq;
      redeemed.issued = line.time;
      redeemed.left = -movement.units;
      break;
    case Kind::kRefund:
      redeemed.is_refunded = true;
      redeemed.left -= movement.units;
      break;
    case Kind::kFulfilment:
      if (movement.limited == 0) redeemed.all_used = true;
      if (movement.limited != 0) redeemed.used.insert(movement.limited);
      break;
    default: break;
  }
}

// By entry: so the oldest is first.
absl::StatusOr<std::map<int64_t, Redeemed>> RedemptionsOf(
    StoredPrograms& programs, const std::vector<store::StatementEntry>& lines) {
  std::map<int64_t, Redeemed> all;
  for (const store::StatementEntry& line : lines) {
    const model::Movement& movement = line.movement;
    if (movement.kind == Kind::kRedemption || movement.kind == Kind::kHold) {
      ASSIGN_OR_RETURN(const auto program, programs.Get(line.program));
      const rules::Reward* const reward =
          program->FindReward(std::string(movement.rule.text()));
      if (reward == nullptr || !reward->voucher.has_value()) continue;
      const auto [found, is_new] = all.try_emplace(movement.at.seq);
      if (!is_new) continue;
      Redeemed& redeemed = found->second;
      redeemed.at = movement.at;
      redeemed.id = line.event_id;
      redeemed.reward = reward;
      redeemed.program = program;
      redeemed.asked = std::abs(movement.asked);
      if (movement.kind == Kind::kRedemption) Add(line, redeemed);
      continue;
    }
    if (!movement.of.has_value()) continue;
    const auto found = all.find(movement.of->seq);
    if (found == all.end() || found->second.at != *movement.of) continue;
    Add(line, found->second);
  }
  return all;
}

int64_t QuantityOf(const Event& redemption) {
  return core::AskedInt(redemption, "quantity", 1);
}

// How many of what was redeemed are paid and not given back.
int64_t GoodOf(const Redeemed& redeemed, int64_t quantity) {
  const int64_t each = redeemed.asked / quantity;
  if (each == 0) return redeemed.is_refunded ? 0 : quantity;
  return (redeemed.left + each - 1) / each;
}

// Of so many codes; as core::UseVoucher answers.
std::vector<MemberVoucher::State> StatesOf(const Redeemed& redeemed,
                                           int64_t codes, int64_t good,
                                           bool is_over) {
  using State = MemberVoucher::State;
  std::vector<State> states(static_cast<size_t>(codes),
                            is_over ? State::kExpired : State::kIssued);
  int64_t back = codes - good;
  for (int64_t code = codes; code >= 1; --code) {
    State& state = states[static_cast<size_t>(code - 1)];
    if (redeemed.all_used || redeemed.used.contains(code)) {
      state = State::kUsed;
    } else if (back > 0) {
      state = State::kVoid;
      --back;
    }
  }
  return states;
}

// The hash of the redemption's code, if entry `given` gave it; and the entry
// that imported it, if one did.
struct GivenCode {
  bool is_given = false;
  std::optional<model::RecordedEvent> import = {};
};

absl::StatusOr<GivenCode> FindCode(int64_t given, const rules::Reward& reward,
                                   const Event& redemption, int64_t number,
                                   CounterOfProgram counter,
                                   EntryOfJournal entry) {
  GivenCode code;
  std::string hash;
  if (reward.voucher->imported) {
    ASSIGN_OR_RETURN(const int64_t seq,
                     counter(core::CodeOfCounter(redemption.id, number)));
    if (seq == 0) return code;
    ASSIGN_OR_RETURN(code.import, entry(seq));
    if (!code.import.has_value()) {
      return absl::DataLossError(absl::StrCat("the code of \"", redemption.id,
                                              "\" is not in the journal"));
    }
    hash = core::AskedText(code.import->event, "code");
  } else if (core::IsAsked(redemption, core::kVoucherHash)) {
    hash =
        core::HashIn(core::AskedText(redemption, core::kVoucherHash), number);
  }
  if (hash.empty()) return code;
  ASSIGN_OR_RETURN(const int64_t by, counter(core::VoucherCounter(hash)));
  code.is_given = by == given;
  return code;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CodesGivenBy(
    int64_t given, const VoucherKey& key, const rules::Reward& reward,
    const Event& redemption, CounterOfProgram counter, EntryOfJournal entry) {
  std::vector<std::string> codes;
  if (!reward.voucher.has_value()) return codes;
  const int64_t quantity = QuantityOf(redemption);
  for (int64_t number = 1; number <= quantity; ++number) {
    ASSIGN_OR_RETURN(const GivenCode code, FindCode(given, reward, redemption,
                                                    number, counter, entry));
    if (!code.is_given) break;
    if (!code.import.has_value()) {
      codes.push_back(key.CodeOf(redemption.id, number));
      continue;
    }
    ASSIGN_OR_RETURN(std::string imported,
                     key.ImportedCode(code.import->event));
    codes.push_back(std::move(imported));
  }
  return codes;
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
  ASSIGN_OR_RETURN(const auto all, RedemptionsOf(programs, lines));
  std::vector<MemberVoucher> vouchers;
  for (const auto& [seq, redeemed] : all) {
    if (redeemed.given == 0) continue;  // held, or free again
    ASSIGN_OR_RETURN(const auto recorded, entry(seq));
    if (!recorded.has_value()) {
      return absl::DataLossError(absl::StrCat("there is no entry ", seq));
    }
    const Event& redemption = recorded->event;
    int64_t codes = 0;
    for (; codes < QuantityOf(redemption); ++codes) {
      ASSIGN_OR_RETURN(const GivenCode code,
                       FindCode(redeemed.given, *redeemed.reward, redemption,
                                codes + 1, counter, entry));
      if (!code.is_given) break;
    }
    std::vector<std::string> texts(static_cast<size_t>(codes));
    if (key != nullptr) {
      ASSIGN_OR_RETURN(texts,
                       CodesGivenBy(redeemed.given, *key, *redeemed.reward,
                                    redemption, counter, entry));
    }
    const absl::Time until =
        core::GoodUntil(*redeemed.program, redeemed.reward, redeemed.issued);
    const auto states = StatesOf(
        redeemed, codes, GoodOf(redeemed, QuantityOf(redemption)), at >= until);
    for (size_t i = 0; i < states.size(); ++i) {
      vouchers.push_back({.redemption = redeemed.id,
                          .reward = redeemed.reward->id,
                          .issued = redeemed.issued,
                          .good_until = until,
                          .state = states[i],
                          .code = texts[i]});
    }
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

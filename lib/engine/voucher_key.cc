// SPDX-License-Identifier: Apache-2.0
//
// See voucher_key.h.
#include "engine/voucher_key.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "base/digest.h"
#include "base/sealing.h"
#include "base/status_macros.h"
#include "core/asked.h"
#include "core/validate.h"
#include "core/vouchers.h"

namespace loyalty::engine {
namespace {

constexpr size_t kLeastKeyBytes = 32;
constexpr size_t kMostKeyBytes = 1024;
constexpr size_t kCodeBytes = 10;
constexpr size_t kCodeLetters = 16;
constexpr size_t kHashBytes = core::kHashDigits / 2;

// Crockford's base 32: without I, L, O and U.
constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string InGroups(std::string_view bytes) {
  std::string code;
  uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8u) | static_cast<unsigned char>(byte);
    count += 8;
    while (count >= 5) {
      count -= 5;
      if (code.size() % 5 == 4) code += '-';
      code += kLetters[(bits >> static_cast<unsigned>(count)) & 31u];
    }
  }
  return code;
}

// nullopt if it is none.
std::optional<char> LetterOf(char c) {
  const char letter = absl::ascii_toupper(static_cast<unsigned char>(c));
  if (letter == 'O') return '0';
  if (letter == 'I' || letter == 'L') return '1';
  if (kLetters.find(letter) == std::string_view::npos) return std::nullopt;
  return letter;
}

// One way to write the codes that may be written in several: those that look
// like ours. What others made is theirs, to the letter.
std::string Normal(std::string_view code) {
  std::string letters;
  for (const char c : code) {
    if (c == '-' || c == ' ') continue;
    const std::optional<char> letter = LetterOf(c);
    if (!letter.has_value()) return std::string(code);
    letters += *letter;
  }
  return letters.size() == kCodeLetters ? letters : std::string(code);
}

absl::Status NotTheHosts(std::string_view attribute) {
  return absl::InvalidArgumentError(
      absl::StrCat("attributes.", std::string(attribute),
                   ": is for the engine to add; leave it out"));
}

// nullptr if there is no such text.
const std::string* TextIn(const Event& event, std::string_view attribute) {
  const auto found = event.attributes.find(attribute);
  return found == event.attributes.end()
             ? nullptr
             : std::get_if<std::string>(&found->second.get());
}

const rules::VoucherTerms* TermsOf(const rules::CompiledProgram& program,
                                   const Event& event) {
  const std::string* const id = TextIn(event, "reward");
  const rules::Reward* const reward =
      id == nullptr ? nullptr : program.FindReward(*id);
  return reward == nullptr || !reward->voucher.has_value() ? nullptr
                                                           : &*reward->voucher;
}

}  // namespace

absl::StatusOr<std::optional<VoucherKey>> KeyFor(
    const rules::CompiledProgram& program, std::string_view secret) {
  const auto reward = std::find_if(
      program.rewards.begin(), program.rewards.end(),
      [](const rules::Reward& one) { return one.voucher.has_value(); });
  if (reward == program.rewards.end()) return std::nullopt;
  if (secret.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "EngineOptions.voucher_key is missing: the program's reward \"",
        reward->id, "\" gives vouchers, whose codes are made with it"));
  }
  return VoucherKey::Make(secret);
}

bool IsAboutVouchers(const rules::CompiledProgram& program,
                     const Event& event) {
  return event.type == kUseVoucher || event.type == kImportVoucher ||
         (event.type == kRedeem && program.has_vouchers);
}

absl::StatusOr<VoucherKey> VoucherKey::Make(std::string_view secret) {
  if (secret.size() < kLeastKeyBytes || secret.size() > kMostKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("EngineOptions.voucher_key is ", secret.size(),
                     " bytes long, and has to be from ", kLeastKeyBytes, " to ",
                     kMostKeyBytes));
  }
  VoucherKey key{std::string(secret)};
  // A hash that cannot be made would be the same for all codes.
  if (key.For("codes").size() != 32) {
    return absl::InternalError("libcrypto has no HMAC-SHA-256");
  }
  return key;
}

std::string VoucherKey::For(std::string_view use) const {
  return base::HmacSha256(secret_, use);
}

// No id has a NUL in it.
std::string VoucherKey::CodeOf(std::string_view redemption,
                               int64_t number) const {
  std::string what(redemption);
  if (number > 1) absl::StrAppend(&what, std::string(1, '\0'), number);
  return InGroups(base::HmacSha256(For("codes"), what).substr(0, kCodeBytes));
}

std::string VoucherKey::HashOf(std::string_view code) const {
  return absl::BytesToHexString(
      base::HmacSha256(For("hashes"), Normal(code)).substr(0, kHashBytes));
}

int64_t VoucherKey::Print() const {
  int64_t print = 0;
  for (const char byte : For("print").substr(0, 7)) {
    print = print * 256 + static_cast<unsigned char>(byte);
  }
  return print + 1;
}

absl::StatusOr<Event> VoucherKey::Sealed(const rules::CompiledProgram& program,
                                         const Event& event) const {
  for (const std::string_view added :
       {core::kVoucherHash, core::kSealedCode, core::kKeyPrint}) {
    if (event.attributes.contains(added)) return NotTheHosts(added);
  }
  Event sealed = event;
  const auto set = [&](std::string_view name, Value value) {
    sealed.attributes.insert_or_assign(std::string(name), std::move(value));
  };
  if (event.type == kRedeem) {
    const rules::VoucherTerms* const terms = TermsOf(program, event);
    if (terms == nullptr) return sealed;
    if (!terms->imported) set(core::kVoucherHash, HashesOf(event));
    set(core::kKeyPrint, Print());
    return sealed;
  }
  if (event.actor.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "actor: ", event.type, " has none, as its code says whom it is about"));
  }
  // Without a text it is malformed, and is told so.
  const std::string* const code = TextIn(event, "code");
  if (code == nullptr) return sealed;
  if (!core::IsId(*code)) {
    return absl::InvalidArgumentError(
        "attributes.code: 1 to 256 bytes of UTF-8 without NUL");
  }
  set("code", HashOf(*code));
  if (event.type == kUseVoucher) return sealed;
  ASSIGN_OR_RETURN(const std::string bytes, base::Seal(For("imports"), *code));
  set(core::kSealedCode, absl::BytesToHexString(bytes));
  set(core::kKeyPrint, Print());
  return sealed;
}

// Those of as many codes as it may give: what is held first gives none yet, and
// may give fewer.
std::string VoucherKey::HashesOf(const Event& redemption) const {
  int64_t codes = 1;
  if (const auto found = redemption.attributes.find("quantity");
      found != redemption.attributes.end()) {
    const auto* quantity = std::get_if<int64_t>(&found->second.get());
    codes = quantity == nullptr ? 1 : *quantity;
  }
  codes = std::clamp<int64_t>(codes, 1, core::kMostCodes);
  std::string hashes;
  for (int64_t code = 1; code <= codes; ++code) {
    hashes += HashOf(CodeOf(redemption.id, code));
  }
  return hashes;
}

absl::StatusOr<std::string> VoucherKey::ImportedCode(
    const Event& import) const {
  const std::string* const sealed = TextIn(import, core::kSealedCode);
  return base::Unseal(
      For("imports"),
      absl::HexStringToBytes(sealed == nullptr ? std::string() : *sealed));
}

}  // namespace loyalty::engine

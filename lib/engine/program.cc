// SPDX-License-Identifier: Apache-2.0
//
// Program: from text to something events can be decided by, with every finding
// as a Diagnostic.
#include "loyalty/program.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/status_macros.h"
#include "base/suggest.h"
#include "base/views.h"
#include "core/validate.h"
#include "engine/stored_program.h"
#include "rules/compile.h"
#include "rules/values.h"
#include "wire/parameters.h"
#include "wire/program_reader.h"

namespace loyalty {
namespace {

using base::av;

constexpr std::string_view kJsonSuffix = ".json";

// The line of `text` with a caret under the column, which counts code points.
std::string Excerpt(std::string_view text, model::Place at) {
  constexpr size_t kLongestShown = 200;
  if (at.line <= 0) return "";
  size_t begin = 0;
  for (int line = 1; line < at.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return "";
    ++begin;
  }
  const std::string_view line =
      text.substr(begin, text.find('\n', begin) - begin);
  if (line.size() > kLongestShown) return "";
  std::string caret;
  int column = 1;
  for (size_t i = 0; i < line.size() && column < at.column; ++i) {
    const bool continues = (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80;
    if (continues) continue;
    caret += line[i] == '\t' ? '\t' : ' ';
    ++column;
  }
  return absl::StrCat("  ", av(line), "\n  ", caret, "^");
}

std::vector<Diagnostic> Diagnostics(const model::Findings& findings,
                                    std::string_view text,
                                    const std::string& file) {
  std::vector<Diagnostic> diagnostics;
  for (const model::Finding& finding : findings) {
    diagnostics.push_back({.severity = finding.error
                                           ? Diagnostic::Severity::kError
                                           : Diagnostic::Severity::kWarning,
                           .file = file,
                           .line = finding.at.line,
                           .column = finding.at.column,
                           .message = finding.message,
                           .advice = finding.advice,
                           .excerpt = Excerpt(text, finding.at)});
  }
  return diagnostics;
}

// Puts the host's values in the place of the defaults.
model::Findings Override(const Parameters& parameters,
                         model::ProgramSpec& spec) {
  model::Findings findings;
  std::vector<std::string> known;
  for (const model::ParameterSpec& p : spec.parameters) {
    known.push_back(p.id.text);
  }
  for (const auto& [name, value] : parameters) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      findings.push_back(
          {.at = {},
           .message = absl::StrCat("parameter \"", name, "\" is not declared"),
           .advice = base::DidYouMean(name, known)});
      continue;
    }
    model::ParameterSpec& p = spec.parameters[found - known.begin()];
    const absl::StatusOr<Value> parsed = rules::ParseLiteral(value, p.type);
    if (!parsed.ok()) {
      findings.push_back(
          {.at = {},
           .message = absl::StrCat("parameter \"", name,
                                   "\" as given: ", parsed.status().message()),
           .advice = ""});
    }
    p.default_value.text = value;
  }
  return findings;
}

std::string AllErrors(const std::vector<Diagnostic>& diagnostics) {
  std::string all;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity != Diagnostic::Severity::kError) continue;
    absl::StrAppend(&all, all.empty() ? "" : "\n", d.ToString());
  }
  return all;
}

DeclaredAttribute::Type DeclaredType(model::Type type) {
  using Type = DeclaredAttribute::Type;
  switch (type) {
    case model::Type::kInt: return Type::kInt;
    case model::Type::kDouble: return Type::kDouble;
    case model::Type::kBool: return Type::kBool;
    case model::Type::kTime: return Type::kTime;
    case model::Type::kDuration: return Type::kDuration;
    case model::Type::kMember: return Type::kMember;
    case model::Type::kObject: return Type::kObject;
    case model::Type::kMap: return Type::kMap;
    case model::Type::kString:
    case model::Type::kUnspecified: break;
  }
  return Type::kString;
}

}  // namespace

std::string Diagnostic::ToString() const {
  std::string text = file;
  if (line > 0) absl::StrAppend(&text, ":", line, ":", column);
  absl::StrAppend(
      &text,
      severity == Severity::kError ? ": error: " : ": warning: ", message);
  if (!advice.empty()) absl::StrAppend(&text, "\n  ", advice);
  if (!excerpt.empty()) absl::StrAppend(&text, "\n", excerpt);
  return text;
}

Program::Reading Program::Read(std::string_view text, const std::string& name,
                               const Options& options) {
  const bool json = name.ends_with(kJsonSuffix);
  wire::ProgramText read = wire::ReadProgram(
      text, json ? wire::Format::kJson : wire::Format::kTextProto);
  model::Findings findings = std::move(read.findings);
  Reading reading;
  // What was read is compiled even if some of it made no sense, so that all
  // there is to say is said at once.
  if (read.is_whole) {
    const auto add = [&findings](model::Findings more) {
      std::move(more.begin(), more.end(), std::back_inserter(findings));
    };
    add(Override(options.parameters, read.spec));
    rules::Compilation compilation =
        rules::Compile(read.spec, {.max_cost = options.max_expression_cost});
    // Where a value could not be read, that it is missing is no news.
    std::erase_if(compilation.findings, [&](const model::Finding& finding) {
      return finding.error &&
             std::any_of(read.unread.begin(), read.unread.end(),
                         [&](const model::Place& at) {
                           return at.line > 0 && at.line == finding.at.line &&
                                  at.column == finding.at.column;
                         });
    });
    add(std::move(compilation.findings));
    if (!model::HasErrors(findings)) {
      absl::StatusOr<std::string> canonical =
          wire::WithParameters(read.canonical, options.parameters);
      if (canonical.ok()) {
        compilation.program->canonical = *std::move(canonical);
        compilation.program->identity =
            engine::IdentityOf(compilation.program->canonical);
        reading.compiled = std::move(compilation.program);
      } else {
        add({{.message = std::string(canonical.status().message())}});
      }
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [](const model::Finding& x, const model::Finding& y) {
                       return std::pair(x.at.line, x.at.column) <
                              std::pair(y.at.line, y.at.column);
                     });
  }
  reading.diagnostics = Diagnostics(findings, text, name);
  return reading;
}

absl::StatusOr<Program> Program::FromText(std::string_view text,
                                          const std::string& name,
                                          const Options& options) {
  Reading reading = Read(text, name, options);
  if (reading.compiled == nullptr) {
    return absl::InvalidArgumentError(AllErrors(reading.diagnostics));
  }
  return Program(std::move(reading.compiled));
}

absl::StatusOr<Program> Program::FromText(std::string_view text,
                                          const std::string& name) {
  return FromText(text, name, Options{});
}

absl::StatusOr<Program> Program::FromFile(const std::string& path,
                                          const Options& options) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": is a folder"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat(path, ": no such file, or it cannot be read"));
  }
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  }
  return FromText(text.str(), path, options);
}

absl::StatusOr<Program> Program::FromFile(const std::string& path) {
  return FromFile(path, Options{});
}

const std::string& Program::name() const { return compiled_->name; }
const std::string& Program::version() const { return compiled_->version; }
const std::string& Program::identity() const { return compiled_->identity; }

std::vector<std::string> Program::currencies() const {
  std::vector<std::string> ids;
  for (const rules::Currency& c : compiled_->currencies) {
    if (!c.is_badge) ids.push_back(c.id);
  }
  return ids;
}

std::vector<std::string> Program::leaderboards() const {
  std::vector<std::string> ids;
  for (const rules::Leaderboard& board : compiled_->leaderboards) {
    ids.push_back(board.id);
  }
  return ids;
}

std::vector<std::string> Program::ladders() const {
  std::vector<std::string> ids;
  for (const rules::Ladder& l : compiled_->ladders) ids.push_back(l.id);
  return ids;
}

absl::TimeZone Program::time_zone() const { return compiled_->time_zone; }

std::vector<std::string> Program::event_types() const {
  std::vector<std::string> ids;
  for (const rules::EventType& t : compiled_->event_types) {
    if (!t.happens) ids.push_back(t.id);
  }
  return ids;
}

std::vector<DeclaredAttribute> Program::attributes(
    std::string_view event_type) const {
  std::vector<DeclaredAttribute> declared;
  const rules::EventType* const type =
      compiled_->FindEventType(std::string(event_type));
  if (type == nullptr) return declared;
  for (const rules::Attribute& attribute : type->attributes) {
    declared.push_back({.name = attribute.name,
                        .type = DeclaredType(attribute.type),
                        .list = attribute.list});
  }
  return declared;
}

bool Program::Takes(std::string_view type) const {
  return HasEventType(type) || core::IsReserved(type);
}

bool Program::HasEventType(std::string_view type) const {
  const auto* const known = compiled_->FindEventType(std::string(type));
  return known != nullptr && !known->happens;
}

absl::Status Program::Check(const Event& event) const {
  return core::Canonicalized(*compiled_, event).status();
}

bool Program::Declares(std::string_view event_type,
                       std::string_view attribute) const {
  const rules::EventType* type =
      compiled_->FindEventType(std::string(event_type));
  return type != nullptr &&
         std::any_of(
             type->attributes.begin(), type->attributes.end(),
             [&](const rules::Attribute& a) { return a.name == attribute; });
}

}  // namespace loyalty

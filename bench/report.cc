// SPDX-License-Identifier: Apache-2.0
//
// See report.h.
#include "report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <cmath>

namespace loyalty::bench {
namespace {

struct Column {
  const char* name;
  double Figures::*figure;
  int digits;
};

constexpr Column kColumns[] = {
    {"p50 us", &Figures::p50_us, 0},       {"p99 us", &Figures::p99_us, 0},
    {"cpu us", &Figures::processor_us, 1}, {"bytes", &Figures::bytes, 0},
    {"syncs", &Figures::syncs, 4},         {"postings", &Figures::postings, 2},
    {"memory MB", &Figures::memory_mb, 0},
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

// 12345.6 as "12,346".
std::string Grouped(double value, int digits = 0) {
  if (std::isnan(value)) return "";
  std::string text = absl::StrFormat("%.*f", digits, value);
  size_t at = std::min(text.find('.'), text.size());
  while (at > 3) text.insert(at -= 3, ",");
  return text;
}

// The result that `result` is held against; null if it is itself, or if that
// was not run.
const Result* SubjectOf(const Scenario& scenario,
                        const std::vector<Result>& results,
                        const Result& result) {
  const std::string& label =
      scenario.contenders[result.contender.subject].label;
  for (const Result& other : results) {
    if (&other != &result && other.contender.label == label) return &other;
  }
  return nullptr;
}

// How many times the events a second of `of` those of its subject are, by
// rounds.
std::vector<double> Ratios(const Scenario& scenario,
                           const std::vector<Result>& results,
                           const Result& of) {
  std::vector<double> ratios;
  const Result* const subject = SubjectOf(scenario, results, of);
  if (subject == nullptr) return ratios;
  const Result& by = *subject;
  for (size_t i = 0; i < std::min(by.turns.size(), of.turns.size()); ++i) {
    ratios.push_back(by.turns[i].events_per_second /
                     of.turns[i].events_per_second);
  }
  return ratios;
}

std::string RatioText(const std::vector<double>& ratios) {
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return absl::StrFormat("%.2f (%.2f to %.2f)", Median(ratios), *low, *high);
}

}  // namespace

double MedianOf(const std::vector<Figures>& turns, double Figures::*figure) {
  std::vector<double> values;
  values.reserve(turns.size());
  for (const Figures& turn : turns) values.push_back(turn.*figure);
  return Median(std::move(values));
}

std::string Table(const Scenario& scenario,
                  const std::vector<Result>& results) {
  std::string text =
      absl::StrCat("\n### `", scenario.name, "`\n\n", scenario.title,
                   ".\n\n| | events | events/s ", "| ratio |");
  for (const Column& column : kColumns) {
    absl::StrAppend(&text, " ", column.name, " |");
  }
  absl::StrAppend(&text, "\n| --- | ---: | ---: | --- |");
  for (size_t i = 0; i < std::size(kColumns); ++i) text += " ---: |";
  for (const Result& result : results) {
    if (result.turns.empty()) continue;
    const auto median = [&](double Figures::*figure) {
      return MedianOf(result.turns, figure);
    };
    absl::StrAppend(&text, "\n| ", result.contender.label, " | ",
                    Grouped(median(&Figures::events)), " | ",
                    Grouped(median(&Figures::events_per_second)), " | ");
    const std::vector<double> ratios = Ratios(scenario, results, result);
    if (!ratios.empty()) text += RatioText(ratios);
    for (const Column& column : kColumns) {
      absl::StrAppend(&text, " | ",
                      Grouped(median(column.figure), column.digits));
    }
    text += " |";
  }
  return text + "\n";
}

nlohmann::json AsJson(const Scenario& scenario,
                      const std::vector<Result>& results) {
  nlohmann::json lines = nlohmann::json::array();
  for (const Result& result : results) {
    if (result.turns.empty()) continue;
    const Load& load = result.contender.load;
    nlohmann::json line = {
        {"label", result.contender.label},
        {"writer", std::string(Name(result.contender.writer))},
        {"workload", load.workload},
        {"members", load.members},
        {"batch", load.batch},
        {"threads", load.threads},
        {"ids", load.ids == Ids::kOrdered ? "ordered" : "random"},
        {"rules", load.rules},
        {"turns", result.turns.size()},
        {"events", MedianOf(result.turns, &Figures::events)},
        {"events/s", MedianOf(result.turns, &Figures::events_per_second)},
        {"close s", MedianOf(result.turns, &Figures::close_seconds)},
    };
    for (const Column& column : kColumns) {
      const double median = MedianOf(result.turns, column.figure);
      if (!std::isnan(median)) line[column.name] = median;
    }
    const std::vector<double> ratios = Ratios(scenario, results, result);
    if (!ratios.empty()) {
      const auto [low, high] =
          std::minmax_element(ratios.begin(), ratios.end());
      line["ratio"] = {
          {"median", Median(ratios)}, {"low", *low}, {"high", *high}};
    }
    lines.push_back(std::move(line));
  }
  return {{"name", scenario.name},
          {"title", scenario.title},
          {"lines", std::move(lines)}};
}

}  // namespace loyalty::bench

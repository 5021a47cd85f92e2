// SPDX-License-Identifier: Apache-2.0
//
// For who runs the community: its program, and what it has come to.
#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

Json DiagnosticsOf(const std::string& text, const std::string& name) {
  Json list = Json::array();
  for (const loyalty::Diagnostic& diagnostic :
       loyalty::Program::Read(text, name, {}).diagnostics) {
    list.push_back(AsJson(diagnostic));
  }
  return list;
}

void ShowProgram(Community& community, const Call& call) {
  const loyalty::Program& program = community.rewards.program();
  call.Answer({{"name", program.name()},
               {"version", program.version()},
               {"identity", program.identity()},
               {"time_zone", program.time_zone().name()},
               {"currencies", program.currencies()},
               {"ladders", program.ladders()},
               {"leaderboards", program.leaderboards()},
               {"event_types", program.event_types()},
               {"text", community.program_text},
               {"diagnostics", DiagnosticsOf(community.program_text,
                                             community.program_name)}});
}

void CheckProgram(const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"text"});
  // It is a text of many lines, and what may be in it the reader says.
  const auto text = body.find("text");
  if (text == body.end() || !text->is_string()) {
    throw Refusal(400, "\"text\" has to be the text of a program");
  }
  call.Answer({{"diagnostics",
                DiagnosticsOf(text->get<std::string>(), "program.textproto")}});
}

}  // namespace

std::vector<Route> AdminRoutes(Community& community) {
  return {
      {"GET",
       "/api/admin/program",
       kAdmin,
       {},
       [&](const Call& call) { ShowProgram(community, call); }},
      {"POST",
       "/api/admin/program/check",
       kAdmin,
       {kJson},
       [](const Call& call) { CheckProgram(call); }},
      {"GET",
       "/api/admin/figures",
       kAdmin,
       {},
       [&](const Call& call) { call.Answer(community.figures.Now()); }},
  };
}

}  // namespace community

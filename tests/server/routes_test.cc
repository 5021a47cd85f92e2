// SPDX-License-Identifier: Apache-2.0
//
// openapi.yaml and the table of routes say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>
#include <string>

#include "server/serving.h"

namespace community {
namespace {

using testing::ContainerEq;
using Lines = std::set<std::string>;

std::string Line(std::string method, const std::string& path, bool is_open) {
  for (char& c : method) c = static_cast<char>(std::toupper(c));
  return method + " " + path + (is_open ? " open to all" : "");
}

YAML::Node Description() {
  return YAML::LoadFile(SourceFile("examples/community_server/openapi.yaml"));
}

Lines Described() {
  Lines lines;
  for (const auto& path : Description()["paths"]) {
    for (const auto& method : path.second) {
      const auto name = method.first.as<std::string>();
      if (name == "parameters") continue;
      const YAML::Node security = method.second["security"];
      lines.insert(Line(name, path.first.as<std::string>(),
                        security.IsDefined() && security.size() == 0));
    }
  }
  return lines;
}

Lines Served(CommunityServer& server) {
  Lines lines;
  for (const Route& route : server.routes()) {
    lines.insert(Line(route.method, route.path, route.needs == kNobody));
  }
  return lines;
}

TEST(Routes, AreThoseThatAreDescribed) {
  Serving serving;
  ASSERT_GT(Described().size(), 30u);
  EXPECT_THAT(Served(serving.server()), ContainerEq(Described()));
}

TEST(Routes, TakeTheBodiesThatAreDescribed) {
  Serving serving;
  const YAML::Node paths = Description()["paths"];
  for (const Route& route : serving.server().routes()) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    std::set<std::string> types;
    const YAML::Node body = paths[route.path][method]["requestBody"];
    if (body.IsDefined()) {
      for (const auto& type : body["content"]) {
        types.insert(type.first.as<std::string>());
      }
    }
    EXPECT_THAT(types, ContainerEq(route.body))
        << route.method << " " << route.path;
  }
}

TEST(Routes, NameWhatElseOneMayDoThere) {
  Serving serving;
  const Answer answer = serving.Member("ada").Put("/api/posts");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.body["allow"], "GET, POST");
  EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
}

}  // namespace
}  // namespace community

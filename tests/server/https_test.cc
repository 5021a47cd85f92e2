// SPDX-License-Identifier: Apache-2.0
//
// Webhooks over https: told to who has a certificate for the name, of somebody
// who is trusted, and to nobody else; at the address that was checked.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "hooks/signature.h"
#include "server/certificates.h"
#include "server/receiver.h"
#include "server/serving.h"

namespace community {
namespace {

using testing::HasSubstr;

constexpr char kHookHost[] = "hook.test";

// A name that comes to mean something else: so many times the first address,
// and from then on the second one.
std::atomic<int> hook_lookups = 0;
std::atomic<int> meant_lookups = 1'000'000;

}  // namespace
}  // namespace community

// In place of the system's, for all of this program: kHookHost is a name here.
extern "C" int getaddrinfo(const char* node, const char* service,
                           const addrinfo* hints, addrinfo** found) {
  static const auto systems = reinterpret_cast<decltype(&::getaddrinfo)>(
      dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node == nullptr || std::strcmp(node, community::kHookHost) != 0) {
    return systems(node, service, hints, found);
  }
  const int before = community::hook_lookups++;
  return systems(before < community::meant_lookups ? "127.0.0.1" : "127.0.0.2",
                 service, hints, found);
}

namespace community {
namespace {

class Https : public testing::Test {
 protected:
  Https() {
    setenv("SSL_CERT_FILE", trusted_.file().c_str(), 1);
    hook_lookups = 0;
    meant_lookups = 1'000'000;
    ServerOptions options = OptionsFor("");
    options.hooks = {.hosts = {kHookHost},
                     .first_retry = absl::Milliseconds(20),
                     .longest_retry = absl::Milliseconds(20),
                     .most_tries = 2,
                     .patience = absl::Seconds(5)};
    serving_ = std::make_unique<Serving>(options);
  }
  ~Https() override {
    serving_.reset();
    unsetenv("SSL_CERT_FILE");
  }

  static std::unique_ptr<httplib::Server> With(const Certificate& certificate) {
    return std::make_unique<httplib::SSLServer>(certificate.certificate.c_str(),
                                                certificate.key.c_str());
  }
  Json Add(int port) {
    const Answer answer =
        serving_->Machine(kAdminToken)
            .Post("/api/admin/webhooks",
                  {{"url", std::string("https://") + kHookHost + ":" +
                               std::to_string(port) + "/told"}});
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.body;
  }
  void Record(const std::string& id) {
    const Answer answer =
        serving_->Machine(kWriteToken)
            .Post("/api/events", {{"id", id},
                                  {"type", "idea_posted"},
                                  {"time", "2026-03-01T12:00:00Z"},
                                  {"actor", "ada"}});
    EXPECT_EQ(answer.status, 200) << answer.text;
  }
  // What was wrong, once it was given up.
  std::string GivenUp() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      const Json only =
          serving_->Machine(kAdminToken).Get("/api/admin/webhooks").body.at(0);
      if (only["state"] == "stopped") return only["error"];
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "not given up";
  }
  void ExpectRefused(const Certificate& certificate) {
    Receiver receiver(With(certificate));
    Add(receiver.port());
    Record("e1");
    EXPECT_THAT(GivenUp(), HasSubstr("its certificate is not for hook.test"));
    EXPECT_EQ(receiver.count(), 0u);
  }

  const loyalty::store::TemporaryFolder folder_ =
      loyalty::store::TemporaryFolder();
  Authority trusted_{folder_.File(""), "trusted"};
  std::unique_ptr<Serving> serving_;
};

TEST_F(Https, TellsWhoHasTheCertificate) {
  Receiver receiver(With(trusted_.Issue(kHookHost)));
  const Json hook = Add(receiver.port());
  Record("e1");
  Record("e2");
  const auto messages = receiver.Await(2);
  EXPECT_EQ(Json::parse(messages[1].body)["data"]["event"], "e2");
  EXPECT_NO_THROW(CheckSignature({.id = messages[0].id,
                                  .timestamp = messages[0].timestamp,
                                  .signature = messages[0].signature,
                                  .body = messages[0].body},
                                 {hook["secret"]}, absl::Now()));
}

TEST_F(Https, TellsNobodyOfAnAuthorityThatIsNotTrusted) {
  Authority other(folder_.File(""), "other");
  ExpectRefused(other.Issue(kHookHost));
}

TEST_F(Https, TellsNobodyWhoIsCalledOtherwise) {
  ExpectRefused(trusted_.Issue("other.test"));
}

TEST_F(Https, TellsNobodyWhoseCertificateIsOver) {
  ExpectRefused(trusted_.Issue(kHookHost, 60));
}

TEST_F(Https, CallsTheAddressThatWasChecked) {
  const Certificate certificate = trusted_.Issue(kHookHost);
  Receiver meant(With(certificate));
  Receiver other(With(certificate), "127.0.0.2", meant.port());
  // One as it is added, and one as it is told.
  meant_lookups = 2;
  Add(meant.port());
  Record("e1");
  meant.Await(1);
  EXPECT_EQ(hook_lookups, 2)
      << "a second look at the name may see another address";
  // And a name that now means another is looked up again, and that one checked.
  Record("e2");
  EXPECT_EQ(Json::parse(other.Await(1)[0].body)["data"]["event"], "e2");
  EXPECT_EQ(hook_lookups, 3);
  EXPECT_EQ(meant.count(), 1u);
}

}  // namespace
}  // namespace community

// SPDX-License-Identifier: Apache-2.0
//
// That the workload does what it is there for: what is rejected throughout
// writes little that a fault could hurt.
#include "faults/workload.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::faults {
namespace {

TEST(Workload, HasSomethingOfEachKindThatIsAccepted) {
  std::map<std::string, int> accepted, codes;  // by type
  std::map<RejectReason, int> rejected;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const auto engine = InMemoryTwin();
    Workload workload(seed);
    for (int i = 0; i < 60; ++i) {
      const std::vector<Event> batch = workload.NextBatch();
      const auto answers = *engine->Process(std::span<const Event>(batch));
      for (size_t n = 0; n < answers.size(); ++n) {
        if (!answers[n].ok() || answers[n]->repeat) continue;
        ++rejected[answers[n]->rejected];
        if (answers[n]->accepted()) ++accepted[batch[n].type];
        if (!answers[n]->vouchers.empty()) ++codes[batch[n].type];
      }
    }
  }
  for (const std::string_view type :
       {kRedeem, kCaptureHold, kVoidHold, kCancelRedemption, kUseVoucher,
        kImportVoucher, kTransferUnits, kAdjust, kMerge, kReverse, kSweep,
        kSwitch}) {
    EXPECT_GT(accepted[std::string(type)], 0) << type;
  }
  // At once, and of what was held first.
  EXPECT_GT(codes[std::string(kRedeem)], 0);
  EXPECT_GT(codes[std::string(kCaptureHold)], 0);
  for (const RejectReason reason :
       {RejectReason::kUnknownVoucher, RejectReason::kVoucherUsed,
        RejectReason::kVoucherVoid, RejectReason::kVoucherExpired}) {
    EXPECT_GT(rejected[reason], 0) << static_cast<int>(reason);
  }
}

}  // namespace
}  // namespace loyalty::faults

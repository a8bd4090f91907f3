#include "worker/server/pulse.h"

#include <gtest/gtest.h>

namespace sfu::worker {
namespace {

constexpr Timestamp kStart = Timestamp::FromMicros(1'000'000);

TEST(PulseTest, TurningLoopsAreNoCauseForComplaint) {
  Pulse pulse(kStart, 2);
  Timestamp now = kStart;
  for (uint64_t i = 1; i <= 20; ++i) {
    now = now + absl::Seconds(2);
    pulse.HandleTick(now, {i, 2 * i});
    EXPECT_EQ(pulse.Complaint(now), std::nullopt);
  }
}

TEST(PulseTest, NamesTheThreadThatStandsStill) {
  Pulse pulse(kStart, 2);
  pulse.HandleTick(kStart + absl::Seconds(9), {7, 0});
  EXPECT_EQ(pulse.Complaint(kStart + absl::Seconds(9)), std::nullopt);
  pulse.HandleTick(kStart + absl::Seconds(11), {8, 0});
  EXPECT_EQ(pulse.Complaint(kStart + absl::Seconds(11)), "media thread 1 stands still");
  pulse.HandleTick(kStart + absl::Seconds(13), {9, 1});
  EXPECT_EQ(pulse.Complaint(kStart + absl::Seconds(13)), std::nullopt);
}

TEST(PulseTest, NoticesWhenNobodyLooksAnyMore) {
  Pulse pulse(kStart, 1);
  EXPECT_EQ(pulse.Complaint(kStart + absl::Seconds(11)), "the service's loop stands still");
}

}  // namespace
}  // namespace sfu::worker

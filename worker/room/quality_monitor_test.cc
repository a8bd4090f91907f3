#include "worker/room/quality_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::mediaroom {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ParticipantHandle kAlice(1), kBob(2);

TEST(QualityMonitorTest, TellsTheFirstRatingAndThenOnlyChanges) {
  QualityMonitor monitor;
  EXPECT_THAT(monitor.Update({{kAlice, 100}, {kBob, 100}}), SizeIs(2));
  EXPECT_THAT(monitor.Update({{kAlice, 95}, {kBob, 81}}), IsEmpty());
  const auto changes = monitor.Update({{kAlice, 95}, {kBob, 79}});
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes.front().participant, kBob);
  EXPECT_EQ(changes.front().quality, Quality::kGood);
}

TEST(QualityMonitorTest, ForgetsThoseWhoLeft) {
  QualityMonitor monitor;
  monitor.Update({{kAlice, 100}});
  monitor.Update({});
  EXPECT_THAT(monitor.Update({{kAlice, 100}}), SizeIs(1));
}

}  // namespace
}  // namespace sfu::mediaroom

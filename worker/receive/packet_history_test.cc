#include "worker/receive/packet_history.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::receive {
namespace {

class PacketHistoryTest : public ::testing::Test {
 protected:
  const rtp::MediaPacket* Insert(PacketHistory& history, int64_t sequence) {
    rtp::MediaPacket packet;
    packet.sequence = sequence;
    packet.arrival = clock_.Now();
    packet.packet = pool_.Allocate();
    return history.Insert(clock_.Now(), std::move(packet));
  }
  void InsertAtRate(PacketHistory& history, int packets_per_second, int count) {
    for (int i = 0; i < count; ++i) {
      Insert(history, next_++);
      clock_.Advance(absl::Seconds(1) / packets_per_second);
    }
  }

  SimulatedClock clock_;
  rtp::PacketPool pool_{20'000};
  int64_t next_ = 100;
};

TEST_F(PacketHistoryTest, FindsWhatItHolds) {
  PacketHistory history(PacketHistory::ForVideo());
  Insert(history, 5);
  Insert(history, 8);
  ASSERT_NE(Insert(history, 6), nullptr);  // Out of order.
  EXPECT_EQ(history.Find(5)->sequence, 5);
  EXPECT_EQ(history.Find(6)->sequence, 6);
  EXPECT_EQ(history.Find(7), nullptr);
  EXPECT_EQ(history.Find(5 + 256), nullptr);  // Same slot, other packet.
  EXPECT_EQ(history.size(), 3u);
}

TEST_F(PacketHistoryTest, ReachesBackTwoSecondsAtAnyRate) {
  for (const int rate : {25, 210, 900, 3300}) {
    PacketHistory history(PacketHistory::ForVideo());
    InsertAtRate(history, rate, 5 * rate);
    EXPECT_NE(history.Find(next_ - 1 - 2 * rate + rate / 10), nullptr) << rate;
    EXPECT_EQ(history.Find(next_ - 1 - 2 * rate - rate / 10), nullptr) << rate;
    EXPECT_EQ(history.evicted_early(), 0u) << rate;
    history.Clear();
  }
}

TEST_F(PacketHistoryTest, ALowRateKeepsItSmall) {
  PacketHistory history(PacketHistory::ForVideo());
  InsertAtRate(history, 25, 1000);
  EXPECT_EQ(history.capacity(), 256u);
  EXPECT_LE(pool_.in_use(), 51u);  // Nothing older than two seconds is held.
}

TEST_F(PacketHistoryTest, IsBoundedByPacketsAndBytes) {
  PacketHistory few({16, 64, 1 << 20, absl::Seconds(2)});
  InsertAtRate(few, 1000, 500);
  EXPECT_EQ(few.size(), 64u);
  EXPECT_EQ(few.evicted_early(), 500u - 64);

  PacketHistory light({16, 64, 10 * sizeof(rtp::PacketBuffer), absl::Seconds(2)});
  InsertAtRate(light, 1000, 500);
  EXPECT_EQ(light.size(), 10u);
}

TEST_F(PacketHistoryTest, SurvivesGapsLargerThanItself) {
  PacketHistory history(PacketHistory::ForAudio());
  Insert(history, 10);
  Insert(history, 1'000'000);
  EXPECT_EQ(history.Find(10), nullptr);
  EXPECT_NE(history.Find(1'000'000), nullptr);
  EXPECT_EQ(history.size(), 1u);
  EXPECT_EQ(Insert(history, 20), nullptr);
  EXPECT_EQ(history.size(), 1u);
}

TEST_F(PacketHistoryTest, ClearGivesEverythingBack) {
  PacketHistory history(PacketHistory::ForAudio());
  InsertAtRate(history, 50, 40);
  history.Clear();
  EXPECT_EQ(pool_.in_use(), 0u);
  EXPECT_TRUE(history.empty());
  EXPECT_NE(Insert(history, 3), nullptr);
}

}  // namespace
}  // namespace sfu::receive

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"
#include "worker/forward/nack_responder.h"
#include "worker/forward/retransmission_map.h"

namespace sfu::forward {
namespace {

RetransmissionMap::Entry EntryOf(uint16_t sequence) {
  RetransmissionMap::Entry entry;
  entry.sequence = sequence;
  entry.source_sequence = sequence;
  return entry;
}

TEST(RetransmissionMapTest, GrowsUntilItReachesBackFarEnough) {
  SimulatedClock clock;
  RetransmissionMap map(rtp::MediaKind::kVideo);
  EXPECT_EQ(map.capacity(), 0u);      // Nothing before the first packet.
  for (int i = 0; i < 10'000; ++i) {  // 1,000 packets per second.
    map.Add(clock.Now(), EntryOf(static_cast<uint16_t>(i)), {});
    clock.Advance(absl::Milliseconds(1));
  }
  EXPECT_EQ(map.capacity(), 2048u);
  EXPECT_NE(map.Find(9999), nullptr);
  EXPECT_NE(map.Find(9999 - 1500), nullptr);
  EXPECT_EQ(map.Find(9999 - 2048), nullptr);
}

TEST(RetransmissionMapTest, AudioStaysSmall) {
  SimulatedClock clock;
  RetransmissionMap map(rtp::MediaKind::kAudio);
  for (int i = 0; i < 10'000; ++i) {
    map.Add(clock.Now(), EntryOf(static_cast<uint16_t>(i)), {});
    clock.Advance(absl::Milliseconds(2));
  }
  EXPECT_EQ(map.capacity(), RetransmissionMap::kMaxAudioEntries);
}

class NackResponderTest : public ::testing::Test {
 protected:
  bool Ask(RetransmissionMap::Entry& entry, size_t bytes = 1000) {
    return responder_.Admit(clock_.Now()) && responder_.MayResend(clock_.Now(), entry) &&
           responder_.Spend(clock_.Now(), bytes, entry);
  }
  RetransmissionMap::Entry& SentNow(uint16_t sequence) {
    map_.Add(clock_.Now(), EntryOf(sequence), {});
    return *map_.Find(sequence);
  }

  SimulatedClock clock_;
  RetransmissionMap map_{rtp::MediaKind::kVideo};
  NackResponder responder_;
};

TEST_F(NackResponderTest, WaitsForWhatIsOnItsWay) {
  responder_.SetRoundTripTime(absl::Milliseconds(100));
  RetransmissionMap::Entry& entry = SentNow(1);
  clock_.Advance(absl::Milliseconds(80));
  EXPECT_FALSE(Ask(entry));
  clock_.Advance(absl::Milliseconds(10));
  EXPECT_TRUE(Ask(entry));
  clock_.Advance(absl::Milliseconds(80));
  EXPECT_FALSE(Ask(entry));
  EXPECT_EQ(responder_.counters().ignored_too_soon, 2u);
}

TEST_F(NackResponderTest, SendsAPacketFiveTimesAtMost) {
  RetransmissionMap::Entry& entry = SentNow(1);
  int answers = 0;
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(absl::Milliseconds(100));
    answers += Ask(entry) ? 1 : 0;
  }
  EXPECT_EQ(answers, NackResponder::kMaxSends - 1);
  EXPECT_GT(responder_.counters().ignored_too_often, 0u);
}

TEST_F(NackResponderTest, IgnoresWhatIsTooOld) {
  RetransmissionMap::Entry& entry = SentNow(1);
  clock_.Advance(absl::Milliseconds(1501));
  EXPECT_FALSE(Ask(entry));
  EXPECT_EQ(responder_.counters().ignored_too_old, 1u);
}

TEST_F(NackResponderTest, KeepsToTheGrantedRate) {
  responder_.SetRate(80'000);  // 5,000 bytes in half a second.
  int answers = 0;
  for (uint16_t sequence = 0; sequence < 100; ++sequence) {
    SentNow(sequence);
  }
  clock_.Advance(absl::Milliseconds(100));
  for (uint16_t sequence = 0; sequence < 100; ++sequence) {
    answers += Ask(*map_.Find(sequence)) ? 1 : 0;
  }
  EXPECT_EQ(answers, 5);
  EXPECT_EQ(responder_.counters().ignored_rate, 95u);
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(Ask(*map_.Find(99)));
}

TEST_F(NackResponderTest, AFloodOfRequestsIsCutOff) {
  int admitted = 0;
  for (int i = 0; i < 5000; ++i) {
    admitted += responder_.Admit(clock_.Now()) ? 1 : 0;
  }
  EXPECT_EQ(admitted, NackResponder::kMaxRequestsPerSecond);
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(responder_.Admit(clock_.Now()));
}

}  // namespace
}  // namespace sfu::forward

#include "worker/forward/forwarder.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"
#include "worker/forward/test_packets.h"
#include "worker/rtp/retransmission.h"

namespace sfu::forward {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class AudioForwarderTest : public ::testing::Test {
 protected:
  std::optional<rtp::OutgoingPacket> Offer(int64_t sequence, size_t size = 60) {
    const rtp::MediaPacket& packet =
        source_.Make({.sequence = sequence,
                      .timestamp = sequence * 960,
                      .payload = std::vector<uint8_t>(size, static_cast<uint8_t>(sequence)),
                      .audio_level = static_cast<uint8_t>(40)});
    return forwarder_.HandlePacket(clock_.Now(), packet);
  }
  std::vector<rtp::OutgoingPacket> Nack(std::vector<uint16_t> numbers) {
    std::vector<rtp::SequenceNumber> missing;
    for (const uint16_t number : numbers) {
      missing.push_back(rtp::SequenceNumber(number));
    }
    std::vector<rtp::OutgoingPacket> out;
    forwarder_.HandleNack(clock_.Now(), missing, out);
    return out;
  }

  SimulatedClock clock_;
  TestSource source_;
  Forwarder forwarder_{AudioConfig(), source_};
};

TEST_F(AudioForwarderTest, RenumbersAndKeepsThePayload) {
  const auto first = Offer(1000);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->priority, rtp::OutgoingPacket::Priority::kAudio);
  const Sent a(*first);
  const Sent b(*Offer(1001));
  EXPECT_EQ(a.sequence(), 100);
  EXPECT_EQ(a.view.timestamp(), 5000u);
  EXPECT_EQ(a.view.ssrc(), rtp::Ssrc(7777));
  EXPECT_EQ(a.view.payload_type(), rtp::PayloadType(111));
  EXPECT_EQ(b.sequence(), 101);
  EXPECT_EQ(b.view.timestamp(), 5960u);
  EXPECT_THAT(b.view.payload(), SizeIs(60));
  EXPECT_EQ(b.view.payload()[0], 1001 & 0xff);
  EXPECT_FALSE(forwarder_.wanted_keyframe().has_value());
}

TEST_F(AudioForwarderTest, IsNeverStamped) { EXPECT_EQ(Offer(1000)->transport_sequence_offset, 0); }

TEST_F(AudioForwarderTest, RepeatsALostPacketByteForByte) {
  std::map<uint16_t, std::vector<uint8_t>> sent;
  for (int64_t sequence = 1000; sequence < 1040; ++sequence) {
    const auto packet = Offer(sequence);
    sent[Sent(*packet).sequence()] = BytesOf(*packet);
    if (sequence == 1020) {
      forwarder_.StopSendingMid();  // What was sent with it must be repeated with it.
    }
    clock_.Advance(absl::Milliseconds(1));
  }
  clock_.Advance(absl::Milliseconds(100));
  for (const auto& [number, bytes] : sent) {
    const auto repeated = Nack({number});
    ASSERT_THAT(repeated, SizeIs(1)) << number;
    EXPECT_EQ(BytesOf(repeated[0]), bytes);
    EXPECT_EQ(repeated[0].priority, rtp::OutgoingPacket::Priority::kRetransmission);
  }
}

TEST_F(AudioForwarderTest, DoesNotRepeatWhatTheHistoryNoLongerHas) {
  Offer(1000);
  source_.Forget(0, 1000);
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_THAT(Nack({100, 4242}), IsEmpty());
  EXPECT_EQ(forwarder_.nack_counters().ignored_unknown, 2u);
}

TEST_F(AudioForwarderTest, DoesNotConfuseAFormerSourceWithTheNext) {
  Offer(1000);
  source_.Make({.sequence = 1000, .payload = {9, 9, 9}, .ssrc = 4321});  // Same number, other life.
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_THAT(Nack({100}), IsEmpty());
}

TEST_F(AudioForwarderTest, NothingRemainsOfPaddingButAClosedGap) {
  EXPECT_EQ(Sent(*Offer(1000)).sequence(), 100);
  EXPECT_FALSE(Offer(1001, 0).has_value());
  EXPECT_EQ(Sent(*Offer(1002)).sequence(), 101);
}

TEST_F(AudioForwarderTest, TellsTheReceiverThatALatePacketIsNotWorthWaitingFor) {
  Offer(1000);
  Offer(1002);
  const auto filler = Offer(1001, 0);
  ASSERT_TRUE(filler.has_value());
  const Sent sent(*filler);
  EXPECT_EQ(sent.sequence(), 101);
  EXPECT_THAT(sent.view.payload(), IsEmpty());
  EXPECT_FALSE(Offer(1001, 0).has_value());  // A number is used once.
  EXPECT_FALSE(Offer(1001).has_value());
  EXPECT_EQ(forwarder_.counters().fillers, 1u);
}

TEST_F(AudioForwarderTest, ResumesAfterAPauseAsANewTalkSpurt) {
  Offer(1000);
  forwarder_.SetPaused(true);
  for (int64_t sequence = 1001; sequence < 1100; ++sequence) {
    clock_.Advance(absl::Milliseconds(20));
    EXPECT_FALSE(Offer(sequence).has_value());
  }
  forwarder_.SetPaused(false);
  clock_.Advance(absl::Milliseconds(20));
  const Sent resumed(*Offer(1100));
  EXPECT_EQ(resumed.sequence(), 101);
  EXPECT_EQ(resumed.view.timestamp(), 5000u + 100 * 960);
  EXPECT_TRUE(resumed.view.marker());
  EXPECT_FALSE(Sent(*Offer(1101)).view.marker());
}

TEST_F(AudioForwarderTest, ContinuesWithAnotherSource) {
  Offer(1000);
  clock_.Advance(absl::Milliseconds(40));
  const rtp::MediaPacket& other =
      source_.Make({.sequence = 7, .timestamp = 123, .payload = {1, 2, 3}, .ssrc = 55});
  const Sent sent(*forwarder_.HandlePacket(clock_.Now(), other));
  EXPECT_EQ(sent.sequence(), 101);
  EXPECT_EQ(sent.view.timestamp(), 5000u + 1920);
}

TEST_F(AudioForwarderTest, ACodecTheSubscriberLacksIsNotSent) {
  const rtp::MediaPacket& packet =
      source_.Make({.sequence = 1, .codec = rtp::Codec::kPcmu, .payload = {1, 2, 3}});
  EXPECT_FALSE(forwarder_.HandlePacket(clock_.Now(), packet).has_value());
  EXPECT_EQ(forwarder_.counters().dropped_no_format, 1u);
}

TEST_F(AudioForwarderTest, ReportsOnTheTimelineOfWhatItSends) {
  EXPECT_EQ(forwarder_.NextTimeout(), Timestamp::Never());
  Offer(1000);
  EXPECT_EQ(forwarder_.NextTimeout(), clock_.Now() + absl::Milliseconds(100));
  clock_.AdvanceTo(forwarder_.NextTimeout());
  const auto by_packets = forwarder_.PollSenderReport(clock_.Now(), 77);
  ASSERT_TRUE(by_packets.has_value());
  EXPECT_EQ(by_packets->ntp, 77u);
  EXPECT_EQ(by_packets->rtp_timestamp, 5000u + 4800);
  EXPECT_EQ(by_packets->packet_count, 1u);
  EXPECT_EQ(by_packets->octet_count, 60u);
  EXPECT_FALSE(forwarder_.PollSenderReport(clock_.Now(), 77).has_value());

  // The publisher's own report wins: its timestamp 960000 (ours 5000) was 30 ms ago.
  source_.SetClock(0, {1, 960'000, clock_.Now() + absl::Milliseconds(-30)});
  clock_.AdvanceTo(forwarder_.NextTimeout());
  EXPECT_EQ(forwarder_.PollSenderReport(clock_.Now(), 78)->rtp_timestamp, 5000u + 48 * 1030);
}

TEST_F(AudioForwarderTest, ReportsOftenAtFirst) {
  Offer(1000);
  std::vector<int64_t> intervals;
  Timestamp last = clock_.Now();
  for (int i = 0; i < 8; ++i) {
    clock_.AdvanceTo(forwarder_.NextTimeout());
    ASSERT_TRUE(forwarder_.PollSenderReport(clock_.Now(), 1).has_value());
    intervals.push_back(absl::ToInt64Milliseconds(clock_.Now() - last));
    last = clock_.Now();
  }
  EXPECT_EQ(intervals[0], 100);
  EXPECT_EQ(intervals[1], 1000);
  EXPECT_EQ(intervals[3], 1000);
  for (size_t i = 4; i < intervals.size(); ++i) {
    EXPECT_GE(intervals[i], 2400);
    EXPECT_LE(intervals[i], 3600);
  }
}

TEST(ForwarderSizeTest, AnAudioForwarderIsSmall) { EXPECT_LE(sizeof(Forwarder), 1536u); }

class VideoForwarderTest : public ::testing::Test {
 protected:
  struct Frame {
    uint8_t layer = 0;
    bool key = false;
    uint8_t temporal_id = 0;
    bool sync = false;
    size_t packets = 1;
  };

  // Makes the packets of one frame, with numbers and pictures counted per layer.
  std::vector<const rtp::MediaPacket*> Make(const Frame& frame) {
    std::vector<const rtp::MediaPacket*> packets;
    const uint16_t picture = ++pictures_[frame.layer];
    for (size_t i = 0; i < frame.packets; ++i) {
      packets.push_back(&source_.Make({.layer = frame.layer,
                                       .sequence = ++sequences_[frame.layer],
                                       .timestamp = MediaTime(frame.layer),
                                       .marker = i + 1 == frame.packets,
                                       .codec = rtp::Codec::kVp8,
                                       .payload = Vp8Payload({.picture_id = picture,
                                                              .temporal_id = frame.temporal_id,
                                                              .sync = frame.sync,
                                                              .start = i == 0,
                                                              .key = frame.key && i == 0})}));
    }
    return packets;
  }
  // Each layer has its own clock origin.
  int64_t MediaTime(uint8_t layer) const {
    return 1'000'000 * (layer + 1) + clock_.Now().micros() * 9 / 100;
  }
  void SetClocks() {
    for (uint8_t layer = 0; layer < 3; ++layer) {
      source_.SetClock(layer, {uint64_t{5} << 32, MediaTime(layer), clock_.Now()});
    }
  }
  std::vector<rtp::OutgoingPacket> Offer(const Frame& frame) {
    std::vector<rtp::OutgoingPacket> out;
    for (const rtp::MediaPacket* const packet : Make(frame)) {
      if (auto sent = forwarder_.HandlePacket(clock_.Now(), *packet)) {
        out.push_back(*std::move(sent));
      }
    }
    return out;
  }
  std::vector<rtp::OutgoingPacket> Nack(std::vector<uint16_t> numbers) {
    std::vector<rtp::SequenceNumber> missing;
    for (const uint16_t number : numbers) {
      missing.push_back(rtp::SequenceNumber(number));
    }
    std::vector<rtp::OutgoingPacket> out;
    forwarder_.HandleNack(clock_.Now(), missing, out);
    return out;
  }
  static rtp::Vp8Descriptor Descriptor(const Sent& sent) {
    return *rtp::Vp8Descriptor::Parse(sent.view.payload());
  }

  SimulatedClock clock_;
  TestSource source_{3};
  Forwarder forwarder_{VideoConfig(), source_};
  int64_t sequences_[3] = {1000, 30'000, 65'530};
  uint16_t pictures_[3] = {10, 3000, 32'760};
};

TEST_F(VideoForwarderTest, WantsAKeyFrameOfTheBestLayerUntilItComes) {
  forwarder_.SetLiveLayers(0b111);
  EXPECT_EQ(forwarder_.wanted_keyframe(), 2);
  EXPECT_THAT(Offer({.layer = 0, .key = true}), SizeIs(1));
  EXPECT_EQ(forwarder_.wanted_keyframe(), 2);
  EXPECT_EQ(forwarder_.wanted_layers(), 0b111);
  SetClocks();
  clock_.Advance(absl::Milliseconds(33));
  EXPECT_THAT(Offer({.layer = 2, .key = true}), SizeIs(1));
  EXPECT_FALSE(forwarder_.wanted_keyframe().has_value());
  EXPECT_EQ(forwarder_.wanted_layers(), 0b100);
  EXPECT_EQ(forwarder_.current_layer(), 2);
}

TEST_F(VideoForwarderTest, TheNumberOfEncodingsMayBecomeKnownAfterTheTarget) {
  source_.set_encoding_count(1);
  Forwarder early(VideoConfig(), source_);
  early.SetTarget(2, 3);
  source_.set_encoding_count(3);
  early.SetLiveLayers(0b111);
  EXPECT_EQ(early.wanted_keyframe(), 2);
  early.SetTarget(1, 3);
  EXPECT_EQ(early.wanted_keyframe(), 1);
}

TEST_F(VideoForwarderTest, ASwitchIsSeamlessInEveryNumber) {
  const Sent before(Offer({.layer = 0, .key = true})[0]);
  SetClocks();
  clock_.Advance(absl::Milliseconds(100));
  const Sent after(Offer({.layer = 2, .key = true})[0]);
  EXPECT_EQ(after.sequence(), before.sequence() + 1);
  EXPECT_EQ(after.view.timestamp(), before.view.timestamp() + 9000);
  EXPECT_EQ(Descriptor(after).picture_id, *Descriptor(before).picture_id + 1);
  EXPECT_THAT(Offer({.layer = 0}), IsEmpty());
}

TEST_F(VideoForwarderTest, ASwitchWaitsForSenderReports) {
  Offer({.layer = 0, .key = true});
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_THAT(Offer({.layer = 2, .key = true}), IsEmpty());
  EXPECT_THAT(Offer({.layer = 0}), SizeIs(1));  // Meanwhile the old one goes on.
  EXPECT_EQ(forwarder_.wanted_keyframe(), 2);
  EXPECT_EQ(forwarder_.counters().switches_refused, 1u);
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Offer({.layer = 2, .key = true}), SizeIs(1));
}

TEST_F(VideoForwarderTest, DropsTemporalLayersWithoutATrace) {
  forwarder_.SetTarget(0, 0);
  const Sent a(Offer({.key = true, .packets = 2})[1]);
  clock_.Advance(absl::Milliseconds(33));
  EXPECT_THAT(Offer({.temporal_id = 2, .sync = true, .packets = 3}), IsEmpty());
  clock_.Advance(absl::Milliseconds(33));
  const Sent b(Offer({})[0]);
  EXPECT_EQ(b.sequence(), a.sequence() + 1);
  EXPECT_EQ(Descriptor(b).picture_id, *Descriptor(a).picture_id + 1);
}

TEST_F(VideoForwarderTest, RetransmitsOverRtxWhatTheReceiverShouldHaveSeen) {
  const Sent first(Offer({.key = true})[0]);
  Offer({.temporal_id = 1, .sync = true});
  const Sent second(Offer({})[0]);
  clock_.Advance(absl::Milliseconds(100));
  const auto again = Nack({second.sequence()});
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_NE(again[0].transport_sequence_offset, 0);
  const Sent rtx(again[0]);
  EXPECT_EQ(rtx.view.ssrc(), rtp::Ssrc(8889));
  EXPECT_EQ(rtx.view.payload_type(), rtp::PayloadType(97));
  EXPECT_EQ(rtx.sequence(), 500);
  EXPECT_EQ(rtx.view.timestamp(), second.view.timestamp());
  EXPECT_EQ(rtx.view.marker(), second.view.marker());
  EXPECT_EQ(rtp::OriginalSequence(rtx.view.payload()), second.view.sequence_number());
  EXPECT_TRUE(rtx.view.payload().subspan(2) == second.view.payload());
  EXPECT_EQ(forwarder_.counters().retransmitted_packets, 1u);
}

TEST_F(VideoForwarderTest, PictureLossAsksForAKeyFrameUntilOneIsSent) {
  forwarder_.SetTarget(0, 3);
  Offer({.key = true});
  EXPECT_FALSE(forwarder_.wanted_keyframe().has_value());
  forwarder_.HandlePictureLoss(clock_.Now());
  EXPECT_EQ(forwarder_.wanted_keyframe(), 0);
  Offer({});
  EXPECT_EQ(forwarder_.wanted_keyframe(), 0);
  forwarder_.SetSourceMuted(true);
  EXPECT_FALSE(forwarder_.wanted_keyframe().has_value());
  forwarder_.SetSourceMuted(false);
  Offer({.key = true});
  EXPECT_FALSE(forwarder_.wanted_keyframe().has_value());
}

TEST_F(VideoForwarderTest, ResumesFromAPauseWithAKeyFrame) {
  forwarder_.SetTarget(0, 3);
  const Sent before(Offer({.key = true})[0]);
  forwarder_.SetPaused(true);
  EXPECT_EQ(forwarder_.wanted_layers(), 0);
  clock_.Advance(absl::Seconds(5));
  forwarder_.SetPaused(false);
  EXPECT_EQ(forwarder_.wanted_keyframe(), 0);
  EXPECT_THAT(Offer({}), IsEmpty());
  const Sent after(Offer({.key = true})[0]);
  EXPECT_EQ(after.sequence(), before.sequence() + 1);
  EXPECT_EQ(after.view.timestamp(), before.view.timestamp() + 5 * 90'000);
}

TEST_F(VideoForwarderTest, AKeyFrameWhoseStartIsLateIsReplayedFromTheHistory) {
  forwarder_.SetTarget(0, 3);
  const auto packets = Make({.key = true, .packets = 4});
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_FALSE(forwarder_.HandlePacket(clock_.Now(), *packets[i]).has_value());
  }
  const auto first = forwarder_.HandlePacket(clock_.Now(), *packets[0]);
  ASSERT_TRUE(first.has_value());
  const auto replay = forwarder_.PollReplay();
  ASSERT_TRUE(replay.has_value());
  uint16_t expected = Sent(*first).sequence();
  for (int64_t sequence = replay->first; sequence <= replay->last; ++sequence) {
    const auto sent = forwarder_.HandlePacket(clock_.Now(), *source_.Find(replay->layer, sequence));
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(Sent(*sent).sequence(), ++expected);
  }
  EXPECT_FALSE(forwarder_.PollReplay().has_value());
}

TEST_F(VideoForwarderTest, ASourceThatStartsOverContinuesTheLine) {
  forwarder_.SetTarget(0, 3);
  const Sent before(Offer({.key = true})[0]);
  sequences_[0] += int64_t{1} << 17;
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_THAT(Offer({}), IsEmpty());
  EXPECT_EQ(forwarder_.wanted_keyframe(), 0);
  const Sent after(Offer({.key = true})[0]);
  EXPECT_EQ(after.sequence(), before.sequence() + 1);
  EXPECT_EQ(after.view.timestamp(), before.view.timestamp() + 45'000);
}

TEST_F(VideoForwarderTest, Av1WithoutADependencyDescriptorPassesWhole) {
  Forwarder av1(VideoConfig(rtp::Codec::kAv1), source_);
  const auto offer = [&](int64_t sequence, uint8_t aggregation_header) {
    return av1.HandlePacket(clock_.Now(), source_.Make({.sequence = sequence,
                                                        .timestamp = sequence,
                                                        .codec = rtp::Codec::kAv1,
                                                        .payload = {aggregation_header, 1, 2}}));
  };
  EXPECT_FALSE(offer(5, 0x10).has_value());
  EXPECT_TRUE(offer(6, 0x18).has_value());  // N: a new coded video sequence.
  EXPECT_TRUE(offer(7, 0x10).has_value());
}

// Simulcast with three layers under loss, reordering, temporal layers, changing targets and pauses.
class VideoForwarderProperty : public VideoForwarderTest,
                               public ::testing::WithParamInterface<uint64_t> {};

TEST_P(VideoForwarderProperty, NumbersAreUniqueTimesRiseAndLossIsRepairable) {
  SCOPED_TRACE(GetParam());
  SeededRandom random(GetParam());
  forwarder_.SetLiveLayers(0b111);
  std::map<uint16_t, std::vector<uint8_t>> sent;
  std::map<uint16_t, Timestamp> sent_at;
  std::set<uint16_t> used;
  // Frame by sequence number: timestamps in that order, and whose they were.
  std::map<uint16_t, std::pair<uint32_t, std::pair<uint8_t, int64_t>>> frames;
  std::vector<const rtp::MediaPacket*> delayed;
  size_t repaired = 0;

  const auto take = [&](const rtp::MediaPacket& packet) {
    const auto out = forwarder_.HandlePacket(clock_.Now(), packet);
    if (!out) {
      return;
    }
    const Sent parsed(*out);
    ASSERT_TRUE(used.insert(parsed.sequence()).second) << "a number was used twice";
    if (out->padding_size == 0) {
      sent[parsed.sequence()] = parsed.bytes;
      frames[parsed.sequence()] = {parsed.view.timestamp(), {packet.layer, packet.timestamp}};
      sent_at.insert_or_assign(parsed.sequence(), clock_.Now());
    }
  };

  for (int step = 0; step < 1500; ++step) {
    clock_.Advance(absl::Microseconds(33'333));
    if (step % 30 == 0) {
      SetClocks();
    }
    if (random.NextBelow(100) == 0) {
      forwarder_.SetTarget(static_cast<uint8_t>(random.NextBelow(3)),
                           static_cast<uint8_t>(random.NextBelow(3)));
    }
    if (random.NextBelow(forwarder_.paused() ? 30 : 300) == 0) {
      forwarder_.SetPaused(!forwarder_.paused());
    }
    const std::optional<uint8_t> wanted = forwarder_.wanted_keyframe();
    const uint8_t temporal = std::vector<uint8_t>{0, 2, 1, 2}[static_cast<size_t>(step) % 4];
    for (uint8_t layer = 0; layer < 3; ++layer) {
      const bool key = wanted == layer && random.NextBelow(5) == 0;
      for (const rtp::MediaPacket* const packet : Make({.layer = layer,
                                                        .key = key,
                                                        .temporal_id = key ? uint8_t{0} : temporal,
                                                        .sync = step % 4 != 3,
                                                        .packets = 1 + random.NextBelow(4)})) {
        const uint32_t fate = random.NextBelow(20);
        if (fate == 0) {
          continue;
        }
        if (fate == 1) {
          delayed.push_back(packet);
          continue;
        }
        take(*packet);
      }
    }
    if (random.NextBelow(3) == 0) {
      for (const rtp::MediaPacket* const packet : delayed) {
        take(*packet);
      }
      delayed.clear();
    }
    while (const auto replay = forwarder_.PollReplay()) {
      for (int64_t sequence = replay->first; sequence <= replay->last; ++sequence) {
        if (const rtp::MediaPacket* const packet = source_.Find(replay->layer, sequence);
            packet != nullptr &&
            std::find(delayed.begin(), delayed.end(), packet) == delayed.end()) {
          take(*packet);
        }
      }
    }
    // The receiver lost something of the last second.
    if (!sent.empty() && random.NextBelow(2) == 0) {
      const auto lost =
          std::next(sent.begin(), random.NextBelow(static_cast<uint32_t>(sent.size())));
      const absl::Duration age = clock_.Now() - sent_at.at(lost->first);
      const auto again = Nack({lost->first});
      if (age > absl::Milliseconds(70) && age < absl::Seconds(1) && !again.empty()) {
        ++repaired;
        const Sent rtx(again[0]);
        const auto original = rtp::RtpPacketView::Parse(lost->second);
        ASSERT_EQ(rtp::OriginalSequence(rtx.view.payload())->value(), lost->first);
        ASSERT_TRUE(rtx.view.payload().subspan(2) == original->payload());
        ASSERT_EQ(rtx.view.timestamp(), original->timestamp());
        ASSERT_EQ(rtx.view.marker(), original->marker());
      }
    }
    std::erase_if(sent_at, [&](const auto& entry) {
      if (clock_.Now() - entry.second < absl::Seconds(1)) {
        return false;
      }
      sent.erase(entry.first);
      return true;
    });
  }
  // In the order in which the receiver sorts them, frames come one after another, each with one
  // timestamp of its own.
  for (auto next = frames.begin(), former = next++; next != frames.end(); former = next++) {
    const bool same_frame = former->second.second == next->second.second;
    if (same_frame) {
      EXPECT_EQ(next->second.first, former->second.first) << next->first;
    } else {
      EXPECT_GT(next->second.first, former->second.first) << next->first;
    }
  }
  EXPECT_GT(forwarder_.counters().packets, 1000u);
  EXPECT_GT(forwarder_.counters().layer_switches, 3u);
  EXPECT_GT(repaired, 50u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, VideoForwarderProperty, ::testing::Range<uint64_t>(1, 13));

TEST_F(VideoForwarderTest, EveryPacketOfTheLastSecondCanBeAskedForOnce) {
  forwarder_.SetTarget(0, 3);
  std::vector<std::pair<uint16_t, std::vector<uint8_t>>> sent;
  for (int frame = 0; frame < 30; ++frame) {
    for (const rtp::OutgoingPacket& packet : Offer({.key = frame == 0, .packets = 10})) {
      sent.emplace_back(Sent(packet).sequence(), BytesOf(packet));
    }
    clock_.Advance(absl::Microseconds(33'333));
  }
  ASSERT_THAT(sent, SizeIs(300));
  clock_.Advance(absl::Milliseconds(100));
  for (const auto& [number, bytes] : sent) {
    const auto again = Nack({number});
    ASSERT_THAT(again, SizeIs(1)) << number;
    EXPECT_TRUE(Sent(again[0]).view.payload().subspan(2) ==
                rtp::RtpPacketView::Parse(bytes)->payload());
  }
}

}  // namespace
}  // namespace sfu::forward

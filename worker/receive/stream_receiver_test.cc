#include "worker/receive/stream_receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"
#include "worker/receive/publisher_clock.h"
#include "worker/receive/report_builder.h"
#include "worker/receive/test_stream.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/ntp_time.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtp/red_payload.h"

namespace sfu::receive {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StreamReceiverTest : public ::testing::Test {
 protected:
  const rtp::MediaPacket* Video(const TestStream::Spec& spec) {
    return stream_.Deliver(video_, clock_.Now(), spec);
  }
  const rtp::MediaPacket* Audio(TestStream::Spec spec) {
    spec.payload_type = spec.payload_type == 96 ? 111 : spec.payload_type;
    return stream_.Deliver(audio_, clock_.Now(), spec);
  }
  std::vector<uint16_t> Missing(StreamReceiver& receiver) {
    std::vector<rtp::SequenceNumber> missing;
    receiver.PollMissing(clock_.Now(), missing);
    std::vector<uint16_t> numbers;
    for (const rtp::SequenceNumber number : missing) {
      numbers.push_back(number.value());
    }
    return numbers;
  }

  SimulatedClock clock_;
  TestStream stream_;
  StreamReceiver video_{TestStream::VideoConfig()};
  StreamReceiver audio_{TestStream::AudioConfig()};
};

TEST_F(StreamReceiverTest, DescribesAndKeepsWhatItAccepts) {
  const rtp::MediaPacket* const packet =
      Video({.sequence = 7, .timestamp = 90, .marker = true, .payload = TestStream::KeyFrame()});
  ASSERT_NE(packet, nullptr);
  EXPECT_EQ(static_cast<uint16_t>(packet->sequence), 7);
  EXPECT_EQ(packet->codec, rtp::Codec::kVp8);
  EXPECT_TRUE(packet->marker);
  EXPECT_TRUE(packet->description.key_frame_start);
  EXPECT_THAT(packet->payload(), ElementsAre(0x10, 0x10, 1, 2));
  EXPECT_EQ(video_.history().Find(packet->sequence), packet);
  EXPECT_EQ(video_.newest_keyframe()->sequence, packet->sequence);
}

TEST_F(StreamReceiverTest, RefusesDuplicatesAndUnknownPayloads) {
  EXPECT_EQ(Video({.sequence = 6, .payload_type = 50}), nullptr);  // Does not start a stream.
  EXPECT_NE(Video({.sequence = 7}), nullptr);
  EXPECT_EQ(Video({.sequence = 7}), nullptr);
  EXPECT_EQ(video_.counters().dropped_duplicate, 1u);
  EXPECT_EQ(video_.counters().dropped_unknown_payload_type, 1u);
}

TEST_F(StreamReceiverTest, PaddingIsPassedOnAsANumberOnly) {
  Video({.sequence = 7});
  const rtp::MediaPacket* const padding = Video({.sequence = 8, .payload = {}, .padding = 200});
  ASSERT_NE(padding, nullptr);
  EXPECT_EQ(padding->payload_size, 0);
  EXPECT_EQ(video_.history().Find(padding->sequence), nullptr);
  EXPECT_NE(Video({.sequence = 9}), nullptr);
  EXPECT_EQ(video_.NextTimeout(), Timestamp::Never());  // Nothing is missing.
}

TEST_F(StreamReceiverTest, ARetransmissionFillsTheGapButNotTheStatistics) {
  Video({.sequence = 7});
  Video({.sequence = 9});
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_THAT(Missing(video_), ElementsAre(8));
  const rtp::MediaPacket* const repaired =
      stream_.Repair(video_, clock_.Now(), {.sequence = 8, .timestamp = 5});
  ASSERT_NE(repaired, nullptr);
  EXPECT_TRUE(repaired->is_retransmission);
  EXPECT_EQ(static_cast<uint16_t>(repaired->sequence), 8);
  EXPECT_EQ(video_.NextTimeout(), Timestamp::Never());
  EXPECT_EQ(video_.statistics().lost(), 1);
  EXPECT_EQ(stream_.Repair(video_, clock_.Now(), {.sequence = 8}), nullptr);
  EXPECT_EQ(video_.counters().recovered, 1u);
}

TEST_F(StreamReceiverTest, ARetransmissionDoesNotStartAStream) {
  EXPECT_EQ(stream_.Repair(video_, clock_.Now(), {.sequence = 8}), nullptr);
}

TEST_F(StreamReceiverTest, ARestartBeginsANewLife) {
  const int64_t former = Video({.sequence = 1000})->sequence;
  const rtp::MediaPacket* packet = nullptr;
  for (uint16_t i = 0; i < 5; ++i) {
    packet = Video({.sequence = static_cast<uint16_t>(40'000 + i)});
  }
  ASSERT_NE(packet, nullptr);
  EXPECT_GE(packet->sequence - former, SequenceWindow::kRestartLeap);
  EXPECT_EQ(video_.history().Find(former), nullptr);
  EXPECT_EQ(video_.counters().restarts, 1u);
}

TEST_F(StreamReceiverTest, AHugeLossAsksForAKeyFrameInstead) {
  Video({.sequence = 7});
  Video({.sequence = 700});
  EXPECT_THAT(Missing(video_), IsEmpty());
  EXPECT_TRUE(video_.PollKeyframeRequest(clock_.Now()));
}

TEST_F(StreamReceiverTest, AKeyFrameEndsTheRequestAndTheSearchForOlderPackets) {
  Video({.sequence = 7, .timestamp = 100});
  video_.WantKeyframe(clock_.Now());
  Video({.sequence = 9, .timestamp = 200});
  Video({.sequence = 10, .timestamp = 300, .payload = TestStream::KeyFrame()});
  EXPECT_FALSE(video_.PollKeyframeRequest(clock_.Now()));
  clock_.Advance(absl::Milliseconds(50));
  EXPECT_THAT(Missing(video_), IsEmpty());
}

TEST_F(StreamReceiverTest, AnUnconsumedEncodingAsksForNothing) {
  video_.SetConsumed(false);
  Video({.sequence = 7});
  Video({.sequence = 9});
  Video({.sequence = 900});
  EXPECT_EQ(video_.NextTimeout(), Timestamp::Never());
}

TEST_F(StreamReceiverTest, AudioIsRepairedWhereNackWasNegotiated) {
  Audio({.sequence = 1});
  Audio({.sequence = 3});
  clock_.Advance(absl::Milliseconds(20));
  EXPECT_THAT(Missing(audio_), ElementsAre(2));

  StreamConfig without = TestStream::AudioConfig();
  for (StreamFormat& format : without.formats) {
    format.nack = false;
  }
  StreamReceiver plain(without);
  stream_.Deliver(plain, clock_.Now(), {.sequence = 1, .payload_type = 111});
  stream_.Deliver(plain, clock_.Now(), {.sequence = 3, .payload_type = 111});
  clock_.Advance(absl::Milliseconds(20));
  EXPECT_THAT(Missing(plain), IsEmpty());
}

TEST_F(StreamReceiverTest, WhatRedRepeatsIsNotAskedFor) {
  const std::vector<uint8_t> data = {1, 2, 3};
  const rtp::RedBlock blocks[] = {{rtp::PayloadType(111), 960, data},
                                  {rtp::PayloadType(111), 0, data}};
  std::vector<uint8_t> red(64);
  red.resize(rtp::WriteRedPayload(blocks, absl::MakeSpan(red)));
  Audio({.sequence = 1, .payload_type = 63, .payload = red});
  Audio({.sequence = 4, .payload_type = 63, .payload = red});  // Carries 3 as well, not 2.
  clock_.Advance(absl::Milliseconds(20));
  EXPECT_THAT(Missing(audio_), ElementsAre(2));
}

TEST_F(StreamReceiverTest, KeepsTheNewestSenderReport) {
  Video({.sequence = 1, .timestamp = 90'000});
  video_.HandleSenderReport(clock_.Now(), 500, 91'000, clock_.Now());
  ASSERT_TRUE(video_.clock().has_value());
  EXPECT_EQ(video_.clock()->timestamp, 91'000);
  video_.HandleSenderReport(clock_.Now(), 400, 92'000, clock_.Now());  // An older one, late.
  video_.HandleSenderReport(clock_.Now(), 600, 80'000, clock_.Now());  // Nonsense.
  EXPECT_EQ(video_.clock()->ntp, 500u);
}

TEST_F(StreamReceiverTest, ReportsLossJitterAndTheLastSenderReport) {
  for (uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 1) {
      Video({.sequence = static_cast<uint16_t>(65'500 + i), .timestamp = i * 900u});
    }
    clock_.Advance(absl::Milliseconds(i % 2 == 0 ? 12 : 8));
  }
  video_.HandleSenderReport(clock_.Now(), 0x0000'1234'5678'0000, 90'000, clock_.Now());
  clock_.Advance(absl::Milliseconds(500));
  const rtcp::ReportBlock block = video_.TakeReportBlock(clock_.Now());
  EXPECT_EQ(block.source, rtp::Ssrc(1000));
  EXPECT_EQ(block.cumulative_lost, 25);
  EXPECT_EQ(block.fraction_lost, 64);
  EXPECT_EQ(block.highest_sequence & 0xffff, (65'500 + 99) & 0xffff);
  EXPECT_EQ(block.last_sender_report, 0x12345678u);
  EXPECT_NEAR(block.delay_since_sender_report, 32'768, 2);
  EXPECT_GT(block.jitter, 60u);
  EXPECT_LT(block.jitter, 200u);
  EXPECT_EQ(video_.TakeReportBlock(clock_.Now()).fraction_lost, 0);
}

TEST_F(StreamReceiverTest, ActivityFollowsThePackets) {
  EXPECT_FALSE(video_.activity().IsLive(clock_.Now()));
  for (uint16_t i = 0; i < 300; ++i) {
    Video({.sequence = i, .payload = std::vector<uint8_t>(988, 0x11)});
    clock_.Advance(absl::Milliseconds(10));
  }
  EXPECT_TRUE(video_.activity().IsLive(clock_.Now()));
  EXPECT_NEAR(static_cast<double>(video_.activity().BitsPerSecond(clock_.Now())), 800'000, 60'000);
  clock_.Advance(absl::Milliseconds(1600));
  EXPECT_FALSE(video_.activity().IsLive(clock_.Now()));
  EXPECT_EQ(video_.activity().BitsPerSecond(clock_.Now()), 0);
  EXPECT_GT(video_.activity().PeakBitsPerSecond(clock_.Now()), 700'000);
  clock_.Advance(absl::Seconds(6));
  EXPECT_EQ(video_.activity().PeakBitsPerSecond(clock_.Now()), 0);
}

TEST_F(StreamReceiverTest, ReportBuilderReportsEveryStreamEachSecond) {
  Video({.sequence = 1});
  Audio({.sequence = 1});
  StreamReceiver idle(TestStream::VideoConfig());
  ReportBuilder reports(5);
  EXPECT_EQ(reports.NextTimeout(), Timestamp::Never());
  reports.Start(clock_.Now());
  StreamReceiver* const streams[] = {&video_, &idle, &audio_};
  uint8_t bytes[1200];
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(absl::ToDoubleSeconds(reports.NextTimeout() - clock_.Now()), 1.0, 0.1001);
    clock_.AdvanceTo(reports.NextTimeout());
    ByteWriter writer(absl::MakeSpan(bytes));
    EXPECT_EQ(reports.WriteReports(clock_.Now(), rtp::Ssrc(9), streams, writer), 2u);
    const auto compound = rtcp::CompoundView::Parse(writer.written());
    ASSERT_TRUE(compound.has_value());
    EXPECT_EQ(rtcp::ReceiverReportView::Parse(*compound->begin())->blocks.size(), 2u);
  }
}

TEST_F(StreamReceiverTest, ManyStreamsTakeSeveralReports) {
  std::vector<std::unique_ptr<StreamReceiver>> receivers;
  std::vector<StreamReceiver*> streams;
  for (int i = 0; i < 40; ++i) {
    receivers.push_back(std::make_unique<StreamReceiver>(TestStream::VideoConfig()));
    stream_.Deliver(*receivers.back(), clock_.Now(), {.sequence = 1});
    streams.push_back(receivers.back().get());
  }
  ReportBuilder reports(5);
  reports.Start(clock_.Now());
  clock_.AdvanceTo(reports.NextTimeout());
  uint8_t bytes[1200];
  ByteWriter writer(absl::MakeSpan(bytes));
  EXPECT_EQ(reports.WriteReports(clock_.Now(), rtp::Ssrc(9), streams, writer), 40u);
  std::vector<size_t> sizes;
  const auto compound = rtcp::CompoundView::Parse(writer.written());
  ASSERT_TRUE(compound.has_value());
  for (const rtcp::SubPacket& packet : *compound) {
    sizes.push_back(rtcp::ReceiverReportView::Parse(packet)->blocks.size());
  }
  EXPECT_THAT(sizes, ElementsAre(31, 9));
}

class PublisherClockTest : public ::testing::Test {
 protected:
  // A report sent `at` on the publisher's clock that took `delay`.
  Timestamp Report(absl::Duration at, absl::Duration delay) {
    const uint64_t ntp = rtcp::ToNtp(absl::FromUnixSeconds(1'700'000'000) + at + step_);
    return publisher_.HandleSenderReport(base_ + at + delay, ntp);
  }

  PublisherClock publisher_;
  Timestamp base_ = Timestamp::FromMicros(50'000'000);
  absl::Duration step_ = absl::ZeroDuration();
};

TEST_F(PublisherClockTest, FollowsTheShortestDelay) {
  Report(absl::Seconds(0), absl::Milliseconds(100));
  Report(absl::Seconds(1), absl::Milliseconds(40));
  const Timestamp mapped = Report(absl::Seconds(2), absl::Milliseconds(140));
  const absl::Duration delay = mapped - (base_ + absl::Seconds(2));
  EXPECT_GT(delay, absl::Milliseconds(45));
  EXPECT_LT(delay, absl::Milliseconds(60));
}

TEST_F(PublisherClockTest, TakesAStepOnlyWhenItIsConfirmed) {
  Report(absl::Seconds(0), absl::Milliseconds(40));
  step_ = absl::Seconds(3600);
  EXPECT_EQ(Report(absl::Seconds(1), absl::Milliseconds(40)) - base_, absl::Milliseconds(1040));
  const Timestamp accepted = Report(absl::Seconds(2), absl::Milliseconds(40));
  EXPECT_NEAR(absl::ToDoubleSeconds(accepted - base_), 2.04, 0.001);
}

}  // namespace
}  // namespace sfu::receive

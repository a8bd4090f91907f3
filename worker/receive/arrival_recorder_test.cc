#include "worker/receive/arrival_recorder.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::receive {
namespace {

struct Report {
  uint16_t base;
  std::vector<bool> received;
  uint8_t count;
};

class ArrivalRecorderTest : public ::testing::Test {
 protected:
  std::vector<Report> Take() {
    std::vector<Report> reports;
    while (true) {
      uint8_t bytes[1200];
      ByteWriter writer(absl::MakeSpan(bytes));
      if (recorder_.WriteFeedback(clock_.Now(), rtp::Ssrc(1), rtp::Ssrc(2), writer) == 0) {
        return reports;
      }
      const auto compound = rtcp::CompoundView::Parse(writer.written());
      EXPECT_TRUE(compound.has_value());
      const auto view = rtcp::TransportFeedbackView::Parse(*compound->begin());
      EXPECT_TRUE(view.has_value());
      Report report{view->base_sequence().value(), {}, view->feedback_count()};
      auto cursor = view->statuses();
      while (const auto status = cursor.Next()) {
        report.received.push_back(status->received);
      }
      reports.push_back(report);
    }
  }

  SimulatedClock clock_;
  ArrivalRecorder recorder_;
};

TEST_F(ArrivalRecorderTest, ReportsEvery50MsWhateverTheRate) {
  EXPECT_EQ(recorder_.NextTimeout(), Timestamp::Never());
  const Timestamp start = clock_.Now();
  recorder_.HandlePacket(clock_.Now(), 10, false);
  EXPECT_EQ(recorder_.NextTimeout(), start + absl::Milliseconds(50));
  clock_.Advance(absl::Milliseconds(20));
  recorder_.HandlePacket(clock_.Now(), 12, false);
  EXPECT_EQ(recorder_.NextTimeout(), start + absl::Milliseconds(50));

  clock_.AdvanceTo(recorder_.NextTimeout());
  const auto reports = Take();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].base, 10);
  EXPECT_EQ(reports[0].received, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(recorder_.NextTimeout(), Timestamp::Never());
}

TEST_F(ArrivalRecorderTest, TheEndOfAFrameAndACrowdHurryIt) {
  const Timestamp start = clock_.Now();
  recorder_.HandlePacket(clock_.Now(), 10, true);
  EXPECT_EQ(recorder_.NextTimeout(), start + absl::Milliseconds(25));
  for (uint16_t i = 0; i < 99; ++i) {
    recorder_.HandlePacket(clock_.Now(), static_cast<uint16_t>(11 + i), false);
  }
  EXPECT_LE(recorder_.NextTimeout(), clock_.Now());
}

TEST_F(ArrivalRecorderTest, ALatePacketIsReportedAfterAll) {
  recorder_.HandlePacket(clock_.Now(), 10, false);
  recorder_.HandlePacket(clock_.Now(), 12, false);
  clock_.Advance(absl::Milliseconds(50));
  Take();
  recorder_.HandlePacket(clock_.Now(), 11, false);
  recorder_.HandlePacket(clock_.Now(), 13, false);
  clock_.Advance(absl::Milliseconds(50));
  const auto reports = Take();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].base, 11);
  EXPECT_EQ(reports[0].received, (std::vector<bool>{true, true, true}));  // 12 is not lost again.
  EXPECT_EQ(reports[0].count, 1);
}

TEST_F(ArrivalRecorderTest, APacketTooLateToGoBackToIsIgnored) {
  for (uint16_t i = 0; i < 100; ++i) {
    if (i != 3) {
      recorder_.HandlePacket(clock_.Now(), i, false);
    }
    clock_.Advance(absl::Milliseconds(20));
    Take();
  }
  recorder_.HandlePacket(clock_.Now(), 3, false);
  EXPECT_EQ(recorder_.NextTimeout(), Timestamp::Never());
}

TEST_F(ArrivalRecorderTest, DuplicatesAndWrapsAreNothingSpecial) {
  for (int i = 65'530; i < 65'542; ++i) {
    recorder_.HandlePacket(clock_.Now(), static_cast<uint16_t>(i), false);
    recorder_.HandlePacket(clock_.Now(), static_cast<uint16_t>(i), false);
  }
  const auto reports = Take();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].received, std::vector<bool>(12, true));
}

TEST_F(ArrivalRecorderTest, WhatDoesNotFitOneMessageGoesIntoTheNext) {
  for (uint16_t i = 0; i < 3000; ++i) {
    recorder_.HandlePacket(clock_.Now(), i, false);
    clock_.Advance(absl::Microseconds(300));
  }
  size_t reported = 0;
  for (const Report& report : Take()) {
    EXPECT_EQ(report.base, reported);
    reported += report.received.size();
  }
  EXPECT_EQ(reported, 3000u);
}

TEST_F(ArrivalRecorderTest, IsBounded) {
  for (int i = 0; i < 10'000; ++i) {
    recorder_.HandlePacket(clock_.Now(), static_cast<uint16_t>(i), false);
  }
  EXPECT_EQ(recorder_.forgotten(), 10'000u - ArrivalRecorder::kMaxArrivals);
  EXPECT_EQ(Take()[0].base, 10'000 - ArrivalRecorder::kMaxArrivals);
}

}  // namespace
}  // namespace sfu::receive

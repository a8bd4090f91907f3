#include "worker/receive/sequence_window.h"

#include <gtest/gtest.h>

namespace sfu::receive {
namespace {

using Verdict = SequenceWindow::Verdict;

class SequenceWindowTest : public ::testing::Test {
 protected:
  Verdict Feed(int sequence, uint32_t timestamp = 0, bool rtx = false) {
    result_ = window_.HandlePacket(static_cast<uint16_t>(sequence), timestamp, rtx);
    return result_.verdict;
  }

  SequenceWindow window_;
  SequenceWindow::Result result_{};
};

TEST_F(SequenceWindowTest, UnwrapsAcrossManyWraps) {
  ASSERT_EQ(Feed(65'000), Verdict::kAccepted);
  const int64_t start = result_.sequence;
  for (int i = 1; i < 300'000; ++i) {
    ASSERT_EQ(Feed(65'000 + i), Verdict::kAccepted);
    ASSERT_EQ(result_.sequence, start + i);
  }
}

TEST_F(SequenceWindowTest, FindsDuplicatesThroughoutItsHistory) {
  Feed(10);
  Feed(12);
  EXPECT_EQ(Feed(11), Verdict::kAccepted);
  EXPECT_EQ(Feed(11), Verdict::kDuplicate);
  EXPECT_EQ(Feed(12), Verdict::kDuplicate);
  Feed(14, 0, true);
  EXPECT_EQ(Feed(14), Verdict::kDuplicate);
  for (int i = 15; i < 8000; ++i) {
    Feed(i);
  }
  EXPECT_EQ(Feed(11), Verdict::kDuplicate);
  EXPECT_EQ(Feed(13), Verdict::kAccepted);
}

TEST_F(SequenceWindowTest, AcceptsALittleReorderingAtTheStart) {
  Feed(1000);
  const int64_t first = result_.sequence;
  EXPECT_EQ(Feed(998), Verdict::kAccepted);
  EXPECT_EQ(result_.sequence, first - 2);
  EXPECT_EQ(Feed(800), Verdict::kTooOld);
}

TEST_F(SequenceWindowTest, StrayNumbersAreRefused) {
  Feed(1000, 5000);
  EXPECT_EQ(Feed(30'000), Verdict::kOutOfWindow);
  EXPECT_EQ(Feed(1001, 5960), Verdict::kAccepted);
  EXPECT_EQ(Feed(30'001), Verdict::kOutOfWindow);
  EXPECT_EQ(Feed(40'000), Verdict::kOutOfWindow);
}

TEST_F(SequenceWindowTest, FiveInARowAreANewLife) {
  Feed(1000, 5000);
  const int64_t former = result_.sequence;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Feed(30'000 + i, static_cast<uint32_t>(100 + i)), Verdict::kOutOfWindow);
  }
  EXPECT_EQ(Feed(30'004, 104), Verdict::kRestarted);
  EXPECT_GE(result_.sequence - former, SequenceWindow::kRestartLeap);
  EXPECT_EQ(static_cast<uint16_t>(result_.sequence), 30'004);
  EXPECT_EQ(Feed(30'005, 105), Verdict::kAccepted);
}

TEST_F(SequenceWindowTest, FallingTimestampsAreNoNewLife) {
  Feed(1000, 5000);
  for (uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(Feed(30'000 + static_cast<int>(i), 9000 - i), Verdict::kOutOfWindow);
  }
}

TEST_F(SequenceWindowTest, RetransmissionsNeitherStartNorRestart) {
  EXPECT_EQ(Feed(10, 0, true), Verdict::kOutOfWindow);
  Feed(1000);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Feed(30'000 + i, 0, true), Verdict::kOutOfWindow);
  }
}

}  // namespace
}  // namespace sfu::receive

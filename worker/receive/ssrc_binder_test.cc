#include "worker/receive/ssrc_binder.h"

#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"
#include "worker/receive/held_packets.h"

namespace sfu::receive {
namespace {

using Binding = SsrcBinder::Binding;
constexpr rtp::PayloadType kOpus(111);
constexpr rtp::PayloadType kVp8(96);
constexpr rtp::PayloadType kRtx(97);

class SsrcBinderTest : public ::testing::Test {
 protected:
  SsrcBinderTest() { binder_.Configure({Microphone(), Camera()}); }

  static SsrcBinder::Section Microphone() { return {"0", {{"", rtp::Ssrc(10), {}}}, {kOpus}, {}}; }
  static SsrcBinder::Section Camera() {
    return {"1", {{"q", {}, {}}, {"h", {}, {}}, {"f", {}, {}}}, {kVp8}, {kRtx}};
  }
  static SsrcBinder::Section Screen() { return {"2", {{"", {}, {}}}, {kVp8}, {kRtx}}; }

  SsrcBinder binder_;
};

TEST_F(SsrcBinderTest, KnowsWhatWasDeclared) {
  EXPECT_EQ(binder_.Find(rtp::Ssrc(10)), (Binding{0, 0, false}));
  EXPECT_FALSE(binder_.Find(rtp::Ssrc(11)).has_value());
}

TEST_F(SsrcBinderTest, LearnsEncodingsAndTheirRtxFromTheExtensions) {
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(20), kVp8, "1", "h", ""), (Binding{1, 1, false}));
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(21), kRtx, "1", "", "h"), (Binding{1, 1, true}));
  EXPECT_EQ(binder_.Find(rtp::Ssrc(20)), (Binding{1, 1, false}));
  EXPECT_EQ(binder_.MediaSsrc(1, 1), rtp::Ssrc(20));
}

TEST_F(SsrcBinderTest, MidAloneIsEnoughForASingleEncoding) {
  binder_.Configure({Microphone(), Camera(), Screen()});
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(30), kVp8, "2", "", ""), (Binding{2, 0, false}));
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(31), kRtx, "2", "", ""), (Binding{2, 0, true}));
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(32), kVp8, "1", "", "").has_value());
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(33), kVp8, "1", "x", "").has_value());
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(34), kVp8, "7", "", "").has_value());
}

TEST_F(SsrcBinderTest, APayloadTypeHelpsOnlyWhereItIsUnique) {
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(40), kOpus, "", "", ""), (Binding{0, 0, false}));
  binder_.Configure({Microphone(), Camera(), Screen()});
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(41), kVp8, "", "", "").has_value());
}

TEST_F(SsrcBinderTest, WhatWasLearntOutlivesReconfiguration) {
  binder_.Learn(rtp::Ssrc(20), kVp8, "1", "f", "");
  binder_.Configure({Screen(), Camera(), Microphone()});
  EXPECT_EQ(binder_.Find(rtp::Ssrc(20)), (Binding{1, 2, false}));
  EXPECT_EQ(binder_.Find(rtp::Ssrc(10)), (Binding{2, 0, false}));
  binder_.Configure({Microphone()});
  EXPECT_FALSE(binder_.Find(rtp::Ssrc(20)).has_value());
}

// A track ends while its last packets are on their way, without MID as ever: they must not be heard
// as, nor take the place of, the other track of that payload type.
TEST_F(SsrcBinderTest, WhatComesLateForAFormerSectionIsNobodysElse) {
  const SsrcBinder::Section second = {"3", {{"", {}, {}}}, {kOpus}, {}};
  binder_.Configure({Microphone(), second});
  ASSERT_EQ(binder_.Learn(rtp::Ssrc(50), kOpus, "3", "", ""), (Binding{1, 0, false}));
  binder_.Configure({Microphone()});
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(50), kOpus, "", "", "").has_value());
  EXPECT_EQ(binder_.Find(rtp::Ssrc(10)), (Binding{0, 0, false}));

  // The section that comes back is another matter, and so is a packet that says where it belongs.
  binder_.Configure({second});
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(50), kOpus, "", "", ""), (Binding{0, 0, false}));
  binder_.Configure({Microphone()});
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(50), kOpus, "0", "", ""), (Binding{0, 0, false}));
}

TEST_F(SsrcBinderTest, RemembersFormerSectionsWithinABound) {
  for (uint32_t i = 0; i < 2 * SsrcBinder::kMaxGone; ++i) {
    binder_.Configure({{"x" + std::to_string(i), {{"", rtp::Ssrc(1000 + i), {}}}, {kOpus}, {}}});
  }
  binder_.Configure({Microphone()});
  constexpr uint32_t kNewest = 1000 + 2 * SsrcBinder::kMaxGone - 1;
  EXPECT_FALSE(binder_.Learn(rtp::Ssrc(kNewest), kOpus, "", "", "").has_value());
  EXPECT_TRUE(binder_.Learn(rtp::Ssrc(1000), kOpus, "", "", "").has_value());
}

TEST_F(SsrcBinderTest, ANewSsrcTakesItsEncodingOver) {
  binder_.Learn(rtp::Ssrc(20), kVp8, "1", "f", "");
  EXPECT_EQ(binder_.Learn(rtp::Ssrc(22), kVp8, "1", "f", ""), (Binding{1, 2, false}));
  EXPECT_FALSE(binder_.Find(rtp::Ssrc(20)).has_value());
  EXPECT_EQ(binder_.MediaSsrc(1, 2), rtp::Ssrc(22));
}

TEST_F(SsrcBinderTest, IsBounded) {
  std::vector<SsrcBinder::Section> sections;
  for (int i = 0; i < 100; ++i) {
    sections.push_back({std::to_string(i), {{"", {}, {}}}, {kVp8}, {}});
  }
  binder_.Configure(sections);
  size_t bound = 0;
  for (uint32_t i = 0; i < 100; ++i) {
    bound += binder_.Learn(rtp::Ssrc(100 + i), kVp8, std::to_string(i), "", "") ? 1 : 0;
  }
  EXPECT_EQ(bound, SsrcBinder::kMaxBound);
  EXPECT_EQ(binder_.refused(), 100u - SsrcBinder::kMaxBound);
}

class HeldPacketsTest : public ::testing::Test {
 protected:
  SimulatedClock clock_;
  rtp::PacketPool pool_{2000};
  HeldPackets held_;
};

TEST_F(HeldPacketsTest, GivesBackInOrderOfArrival) {
  for (uint32_t i = 0; i < 6; ++i) {
    held_.Hold(clock_.Now(), rtp::Ssrc(i % 2), pool_.Allocate());
    clock_.Advance(absl::Milliseconds(1));
  }
  const auto all = held_.TakeAll(clock_.Now());
  ASSERT_EQ(all.size(), 6u);
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_LT(all[i - 1].arrival, all[i].arrival);
  }
  EXPECT_TRUE(held_.empty());
}

TEST_F(HeldPacketsTest, ForgetsAfterAMoment) {
  held_.Hold(clock_.Now(), rtp::Ssrc(1), pool_.Allocate());
  clock_.Advance(absl::Milliseconds(150));
  held_.Hold(clock_.Now(), rtp::Ssrc(1), pool_.Allocate());
  clock_.Advance(absl::Milliseconds(100));
  EXPECT_EQ(held_.Take(clock_.Now(), rtp::Ssrc(1)).size(), 1u);
  EXPECT_EQ(held_.dropped(), 1u);
}

TEST_F(HeldPacketsTest, IsBoundedInBothDirections) {
  for (uint32_t ssrc = 0; ssrc < 20; ++ssrc) {
    for (int i = 0; i < 60; ++i) {
      held_.Hold(clock_.Now(), rtp::Ssrc(ssrc), pool_.Allocate());
    }
  }
  EXPECT_EQ(pool_.in_use(), HeldPackets::kMaxStreams * HeldPackets::kMaxPacketsPerStream);
  EXPECT_EQ(held_.dropped(), 20u * 60 - pool_.in_use());
  held_.TakeAll(clock_.Now());
}

}  // namespace
}  // namespace sfu::receive

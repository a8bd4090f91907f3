#include "worker/forward/layer_selector.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/forward/test_packets.h"

namespace sfu::forward {
namespace {

std::vector<uint8_t> H264(uint8_t nal_type) { return {nal_type, 1, 2, 3}; }
constexpr uint8_t kSps = 7;
constexpr uint8_t kPps = 8;
constexpr uint8_t kIdr = 5;
constexpr uint8_t kSlice = 1;

class SimulcastTest : public ::testing::Test {
 protected:
  // Offers one VP8 frame of one packet; returns whether it begins or continues what is sent.
  bool Offer(uint8_t layer, bool key) {
    const rtp::MediaPacket& packet = source_.Make({.layer = layer,
                                                   .sequence = ++sequences_[layer],
                                                   .timestamp = ++timestamp_,
                                                   .codec = rtp::Codec::kVp8,
                                                   .payload = Vp8Payload({.key = key})});
    return Offer(packet);
  }
  bool Offer(const rtp::MediaPacket& packet) {
    selector_.Observe(packet);
    if (selector_.IsSwitch(packet)) {
      selector_.SwitchTo(packet);
    }
    const bool sent = selector_.IsCurrent(packet) && selector_.Decide(packet).forward;
    selector_.encodings().Remember(packet);
    return sent;
  }
  std::optional<uint8_t> current() const { return selector_.encodings().current(); }

  TestSource source_{3};
  LayerSelector selector_;
  int64_t sequences_[3] = {100, 200, 300};
  int64_t timestamp_ = 1000;
};

TEST_F(SimulcastTest, SendsNothingBeforeAKeyFrame) {
  EXPECT_FALSE(Offer(0, false));
  EXPECT_TRUE(Offer(0, true));
  EXPECT_TRUE(Offer(0, false));
}

TEST_F(SimulcastTest, TakesALowerLayerUntilTheWantedOneHasAKeyFrame) {
  EXPECT_FALSE(Offer(2, false));
  EXPECT_TRUE(Offer(0, true));
  EXPECT_FALSE(Offer(2, false));
  EXPECT_TRUE(Offer(1, true));
  EXPECT_FALSE(Offer(0, true));  // No way back down by itself.
  EXPECT_TRUE(Offer(2, true));
  EXPECT_FALSE(Offer(1, false));
}

TEST_F(SimulcastTest, GoesDownOnlyAtALowerKeyFrame) {
  Offer(0, false);  // It is alive.
  Offer(2, true);
  selector_.SetTarget(0, 3, false);
  EXPECT_TRUE(Offer(2, false));
  EXPECT_FALSE(Offer(1, true));  // Not what is wanted: layer 0 is alive.
  EXPECT_FALSE(Offer(0, false));
  EXPECT_TRUE(Offer(2, false));
  EXPECT_TRUE(Offer(0, true));
  EXPECT_FALSE(Offer(2, false));
}

TEST_F(SimulcastTest, FallsBackWhenALayerDies) {
  Offer(0, false);
  Offer(2, true);
  selector_.encodings().SetLive(0b001);
  EXPECT_EQ(selector_.encodings().goal(), 0);
  EXPECT_TRUE(Offer(0, true));
  EXPECT_EQ(current(), 0);
}

TEST_F(SimulcastTest, TakesMoreThanAskedForRatherThanNothing) {
  selector_.SetTarget(0, 3, false);
  EXPECT_TRUE(Offer(2, true));
  EXPECT_EQ(selector_.encodings().goal(), 2);
}

TEST_F(SimulcastTest, ANewLifeOfTheCurrentLayerNeedsAKeyFrame) {
  Offer(0, true);
  sequences_[0] += int64_t{1} << 17;
  EXPECT_FALSE(Offer(0, false));
  EXPECT_EQ(current(), std::nullopt);
  EXPECT_TRUE(Offer(0, true));
}

class H264Test : public SimulcastTest {
 protected:
  bool OfferNal(int64_t sequence, int64_t timestamp, uint8_t nal_type) {
    return Offer(source_.Make({.sequence = sequence,
                               .timestamp = timestamp,
                               .codec = rtp::Codec::kH264,
                               .payload = H264(nal_type)}));
  }
};

TEST_F(H264Test, StartsAtTheParameterSets) {
  EXPECT_FALSE(OfferNal(10, 1, kSlice));
  EXPECT_TRUE(OfferNal(11, 2, kSps));
  EXPECT_TRUE(OfferNal(12, 2, kPps));
  EXPECT_TRUE(OfferNal(13, 2, kIdr));
}

TEST_F(H264Test, DoesNotStartInTheMiddleOfAKeyFrame) {
  EXPECT_FALSE(OfferNal(10, 1, kSlice));
  EXPECT_FALSE(OfferNal(12, 2, kIdr));  // 11 may have been the parameter sets.
  EXPECT_TRUE(OfferNal(11, 2, kSps));   // And so it was: this is where to start.
  EXPECT_EQ(selector_.encodings().NewestAfter(*source_.Find(0, 11)), 12);
}

// Any order of key and other frames on any layer: what is sent changes its layer only at key
// frames, and settles on the target.
TEST_F(SimulcastTest, SwitchesOnlyAtKeyFrames) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SeededRandom random(seed);
    selector_ = LayerSelector();
    int last_layer = -1;
    uint8_t target = 2;
    selector_.SetTarget(target, 3, false);
    for (int i = 0; i < 1000; ++i) {
      if (random.NextBelow(50) == 0) {
        target = static_cast<uint8_t>(random.NextBelow(3));
        selector_.SetTarget(target, 3, false);
      }
      const auto layer = static_cast<uint8_t>(random.NextBelow(3));
      const bool key = random.NextBelow(20) == 0;
      if (Offer(layer, key)) {
        ASSERT_TRUE(key || layer == last_layer) << "seed " << seed;
        last_layer = layer;
      }
    }
    Offer(target, true);
    EXPECT_EQ(current(), target) << "seed " << seed;
  }
}

class TemporalTest : public ::testing::Test {
 protected:
  FrameDecision Decide(uint8_t layer, bool sync, bool same_frame = false) {
    timestamp_ += same_frame ? 0 : 1;
    return selector_.Decide(
        source_.Make({.sequence = ++sequence_,
                      .timestamp = timestamp_,
                      .codec = rtp::Codec::kVp8,
                      .payload = Vp8Payload({.temporal_id = layer, .sync = sync})}));
  }
  void Start() {
    selector_.Start(source_.Make({.sequence = ++sequence_,
                                  .timestamp = ++timestamp_,
                                  .codec = rtp::Codec::kVp8,
                                  .payload = Vp8Payload({.key = true})}));
  }

  TestSource source_;
  TemporalSelector selector_;
  int64_t sequence_ = 0;
  int64_t timestamp_ = 0;
};

TEST_F(TemporalTest, DropsUpperLayers) {
  selector_.SetTarget(1);
  Start();
  EXPECT_FALSE(Decide(2, true).forward);
  EXPECT_TRUE(Decide(1, true).forward);
  EXPECT_FALSE(Decide(2, false).forward);
  EXPECT_TRUE(Decide(0, false).forward);
}

TEST_F(TemporalTest, GoesDownBetweenFramesNotInsideOne) {
  Start();
  EXPECT_TRUE(Decide(2, false).forward);
  selector_.SetTarget(0);
  EXPECT_TRUE(Decide(2, false, true).forward);
  EXPECT_FALSE(Decide(2, false).forward);
}

TEST_F(TemporalTest, GoesUpAtASynchronisationPoint) {
  selector_.SetTarget(0);
  Start();
  EXPECT_FALSE(Decide(2, true).forward);
  selector_.SetTarget(2);
  EXPECT_FALSE(Decide(2, false).forward);
  EXPECT_TRUE(Decide(0, false).forward);
  EXPECT_FALSE(Decide(1, false).forward);
  EXPECT_TRUE(Decide(2, true).forward);
  EXPECT_TRUE(Decide(1, false).forward);
}

TEST_F(TemporalTest, GoesUpAtAKeyFrame) {
  selector_.SetTarget(0);
  Start();
  EXPECT_FALSE(Decide(2, true).forward);
  selector_.SetTarget(2);
  const rtp::MediaPacket& key = source_.Make({.sequence = ++sequence_,
                                              .timestamp = ++timestamp_,
                                              .codec = rtp::Codec::kVp8,
                                              .payload = Vp8Payload({.key = true})});
  EXPECT_TRUE(selector_.Decide(key).forward);
  EXPECT_TRUE(Decide(2, false).forward);
}

TEST_F(TemporalTest, GoesUpStepByStepWhereNoSynchronisationIsMarked) {
  selector_.SetTarget(0);
  Start();
  EXPECT_FALSE(Decide(1, false).forward);
  selector_.SetTarget(2);
  Decide(0, false);
  EXPECT_TRUE(Decide(1, false).forward);
  EXPECT_FALSE(Decide(2, false).forward);
  Decide(0, false);
  EXPECT_TRUE(Decide(2, false).forward);
}

class Vp9Test : public ::testing::Test {
 protected:
  struct Layer {
    uint8_t spatial = 0;
    uint8_t temporal = 0;
    bool inter_picture = true;
    bool up = false;
    bool last = false;
  };

  FrameDecision Decide(const Layer& layer) {
    timestamp_ += layer.spatial == 0 ? 1 : 0;
    return selector_.Decide(Packet(layer));
  }
  const rtp::MediaPacket& Packet(const Layer& layer) {
    // I=0 P L F=1 B E V Z; then TID U SID D. One packet per frame.
    const auto first = static_cast<uint8_t>((layer.inter_picture ? 0x40 : 0) | 0x20 | 0x0c | 0x10);
    const auto indices = static_cast<uint8_t>(layer.temporal << 5 | (layer.up ? 0x10 : 0) |
                                              layer.spatial << 1 | (layer.spatial > 0 ? 1 : 0));
    std::vector<uint8_t> payload = {first, indices};
    if (layer.inter_picture) {
      payload.push_back(2);  // One P_DIFF of 1.
    }
    payload.push_back(0xff);
    return source_.Make({.sequence = ++sequence_,
                         .timestamp = timestamp_,
                         .marker = layer.last,
                         .codec = rtp::Codec::kVp9,
                         .payload = payload});
  }
  void Start() {
    ++timestamp_;
    const rtp::MediaPacket& packet = Packet({.inter_picture = false});
    selector_.Start(packet);
    EXPECT_TRUE(selector_.Decide(packet).forward);
  }

  TestSource source_;
  Vp9Selector selector_;
  int64_t sequence_ = 0;
  int64_t timestamp_ = 0;
};

TEST_F(Vp9Test, CutsSpatialLayersAndMovesTheMarker) {
  selector_.SetTarget(1, 2);
  Start();
  EXPECT_TRUE(Decide({.spatial = 1, .inter_picture = false}).marker);
  EXPECT_FALSE(Decide({.spatial = 2, .inter_picture = false, .last = true}).forward);
  EXPECT_FALSE(Decide({.spatial = 0}).marker);
  const FrameDecision top = Decide({.spatial = 1});
  EXPECT_TRUE(top.forward);
  EXPECT_TRUE(top.marker);
  EXPECT_FALSE(Decide({.spatial = 2, .last = true}).forward);
}

TEST_F(Vp9Test, KeepsTheMarkerOfAPictureWithFewerLayers) {
  Start();
  EXPECT_TRUE(Decide({.spatial = 0, .last = true}).marker);
}

TEST_F(Vp9Test, GoesDownWithTheNextPicture) {
  selector_.SetTarget(2, 2);
  Start();
  selector_.SetTarget(0, 2);
  EXPECT_TRUE(Decide({.spatial = 1, .inter_picture = false}).forward);
  EXPECT_TRUE(Decide({.spatial = 0}).marker);
  EXPECT_FALSE(Decide({.spatial = 1}).forward);
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(Vp9Test, GoesUpSpatiallyOnlyWhereNoEarlierPictureIsNeeded) {
  selector_.SetTarget(0, 2);
  Start();
  Decide({.spatial = 1, .inter_picture = false, .last = true});
  selector_.SetTarget(1, 2);
  Decide({.spatial = 0});
  EXPECT_FALSE(Decide({.spatial = 1, .last = true}).forward);
  EXPECT_TRUE(selector_.NeedsKeyframe());
  Decide({.spatial = 0});
  EXPECT_TRUE(Decide({.spatial = 1, .inter_picture = false, .last = true}).forward);
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(Vp9Test, AsksForNoKeyFrameOfALayerThatIsNotProduced) {
  selector_.SetTarget(2, 2);
  Start();
  Decide({.spatial = 0, .last = true});
  Decide({.spatial = 0, .last = true});
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(Vp9Test, GoesUpTemporallyAtASwitchingUpPoint) {
  selector_.SetTarget(0, 0);
  Start();
  EXPECT_FALSE(Decide({.temporal = 1}).forward);
  selector_.SetTarget(0, 1);
  EXPECT_FALSE(Decide({.temporal = 1}).forward);
  EXPECT_TRUE(Decide({.temporal = 1, .up = true}).forward);
  EXPECT_TRUE(Decide({.temporal = 1}).forward);
}

}  // namespace
}  // namespace sfu::forward

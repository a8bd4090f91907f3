#include "worker/forward/dependency_selector.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "worker/forward/test_dependency.h"
#include "worker/forward/test_packets.h"

namespace sfu::forward {
namespace {

// An encoder with a structure: produces its frames in order, and a model of what can be decoded.
class Encoder {
 public:
  explicit Encoder(const TestStructure& structure) : structure_(structure) {}

  const rtp::MediaPacket& Frame(size_t template_index, bool key = false,
                                std::optional<int> active = std::nullopt) {
    ++frame_;
    const TestTemplate& used = structure_.templates[template_index];
    for (const int difference : used.frame_differences) {
      references_[frame_].push_back(frame_ - difference);
    }
    return source_.Make({.sequence = frame_,
                         .timestamp = timestamp_ += used.spatial_id == 0 ? 1 : 0,
                         .marker = false,
                         .codec = rtp::Codec::kAv1,
                         .payload = {0x10, 0x32, 1, 2, 3},
                         .dependency_descriptor =
                             DependencyBytes(structure_, template_index, frame_, key, active)});
  }
  int frame() const { return frame_; }
  const std::vector<int>& references(int frame) { return references_[frame]; }

 private:
  const TestStructure& structure_;
  TestSource source_;
  std::map<int, std::vector<int>> references_;
  int frame_ = 40;
  int64_t timestamp_ = 0;
};

class DependencySelectorTest : public ::testing::Test {
 protected:
  FrameDecision Start(Encoder& encoder) {
    const rtp::MediaPacket& key = encoder.Frame(0, true);
    selector_.Start(key);
    return selector_.Decide(key);
  }
  bool Sends(const rtp::MediaPacket& packet) { return selector_.Decide(packet).forward; }

  DependencySelector selector_;
};

TEST_F(DependencySelectorTest, CutsTemporalLayers) {
  Encoder encoder(kL1T3);
  selector_.SetTarget(0, 1);
  EXPECT_TRUE(Start(encoder).forward);
  for (int picture = 0; picture < 100; ++picture) {
    EXPECT_FALSE(Sends(encoder.Frame(3)));
    EXPECT_TRUE(Sends(encoder.Frame(2)));
    EXPECT_FALSE(Sends(encoder.Frame(4)));
    EXPECT_TRUE(Sends(encoder.Frame(1)));
  }
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(DependencySelectorTest, TellsTheReceiverWhichTargetsItGets) {
  Encoder encoder(kL1T3);
  selector_.SetTarget(0, 1);
  Start(encoder);
  EXPECT_EQ(selector_.Decide(encoder.Frame(3)).decode_targets, 0b011u);
  selector_.SetTarget(0, 2);
  selector_.Decide(encoder.Frame(2));
  selector_.Decide(encoder.Frame(4));
  EXPECT_EQ(selector_.Decide(encoder.Frame(1)).decode_targets, 0u);  // All: nothing to tell.
}

TEST_F(DependencySelectorTest, EntersATemporalLayerWhereTheEncoderAllowsIt) {
  Encoder encoder(kL1T3);
  selector_.SetTarget(0, 0);
  Start(encoder);
  EXPECT_FALSE(Sends(encoder.Frame(3)));
  selector_.SetTarget(0, 2);
  EXPECT_FALSE(selector_.NeedsKeyframe());
  EXPECT_TRUE(Sends(encoder.Frame(2)));  // "-DS": a switch for the top target.
  EXPECT_TRUE(Sends(encoder.Frame(4)));
}

TEST_F(DependencySelectorTest, KeySvcSendsOneSpatialLayerAndTheKeyPictureBelow) {
  Encoder encoder(kL2T2Key);
  EXPECT_TRUE(Start(encoder).forward);
  EXPECT_TRUE(Sends(encoder.Frame(3)));
  for (int picture = 0; picture < 10; ++picture) {
    EXPECT_FALSE(Sends(encoder.Frame(2)));
    const FrameDecision upper = selector_.Decide(encoder.Frame(5));
    EXPECT_TRUE(upper.forward);
    EXPECT_TRUE(upper.marker);
    EXPECT_FALSE(Sends(encoder.Frame(1)));
    EXPECT_TRUE(Sends(encoder.Frame(4)));
  }
}

TEST_F(DependencySelectorTest, KeySvcChangesSpatialLayersOnlyAtAKeyFrame) {
  Encoder encoder(kL2T2Key);
  Start(encoder);
  Sends(encoder.Frame(3));
  selector_.SetTarget(0, 1);
  EXPECT_FALSE(Sends(encoder.Frame(2)));
  EXPECT_TRUE(Sends(encoder.Frame(5)));  // The upper layer goes on until then.
  EXPECT_TRUE(selector_.NeedsKeyframe());
  EXPECT_TRUE(selector_.Decide(encoder.Frame(0, true)).marker);
  EXPECT_FALSE(Sends(encoder.Frame(3)));
  EXPECT_TRUE(Sends(encoder.Frame(2)));
  EXPECT_FALSE(Sends(encoder.Frame(5)));
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(DependencySelectorTest, FullSvcGoesDownAtOnceAndUpAtAKeyFrame) {
  Encoder encoder(kL2T1);
  Start(encoder);
  EXPECT_TRUE(Sends(encoder.Frame(2)));
  selector_.SetTarget(0, 0);
  EXPECT_TRUE(Sends(encoder.Frame(1)));
  EXPECT_FALSE(Sends(encoder.Frame(3)));
  EXPECT_FALSE(selector_.NeedsKeyframe());
  selector_.SetTarget(1, 0);
  EXPECT_TRUE(Sends(encoder.Frame(1)));
  EXPECT_FALSE(Sends(encoder.Frame(3)));
  EXPECT_TRUE(selector_.NeedsKeyframe());
}

TEST_F(DependencySelectorTest, ALayerThatIsSwitchedOffIsNotWaitedFor) {
  Encoder encoder(kL2T1);
  Start(encoder);
  EXPECT_TRUE(Sends(encoder.Frame(2)));
  EXPECT_TRUE(Sends(encoder.Frame(1, false, 0b01)));
  EXPECT_FALSE(selector_.NeedsKeyframe());
  EXPECT_EQ(selector_.current_spatial(), 0);
}

TEST_F(DependencySelectorTest, AFrameThatIsOnlyLateBreaksNothing) {
  Encoder encoder(kL1T3);
  Start(encoder);
  const rtp::MediaPacket& late = encoder.Frame(3);
  EXPECT_TRUE(Sends(encoder.Frame(2)));
  EXPECT_TRUE(Sends(encoder.Frame(4)));
  EXPECT_TRUE(Sends(late));
  EXPECT_FALSE(selector_.NeedsKeyframe());
}

TEST_F(DependencySelectorTest, OlderThanTheKeyFrameIsNotSent) {
  Encoder encoder(kL1T3);
  const rtp::MediaPacket& key_before = encoder.Frame(0, true);
  const rtp::MediaPacket& before = encoder.Frame(1);
  (void)key_before;
  Start(encoder);
  EXPECT_FALSE(Sends(before));
}

// Random limits, random active targets, random loss: a frame is never sent when one that it refers
// to was left out.
class DependencyProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(DependencyProperty, SendsNothingThatRefersToALeftOutFrame) {
  for (const TestStructure* structure : {&kL1T3, &kL2T2Key, &kL2T1}) {
    SeededRandom random(GetParam());
    Encoder encoder(*structure);
    DependencySelector selector;
    std::set<int> left_out;
    // The regular order of templates after the key picture.
    const std::vector<size_t> key = structure == &kL1T3      ? std::vector<size_t>{0}
                                    : structure == &kL2T2Key ? std::vector<size_t>{0, 3}
                                                             : std::vector<size_t>{0, 2};
    const std::vector<size_t> cycle = structure == &kL1T3      ? std::vector<size_t>{3, 2, 4, 1}
                                      : structure == &kL2T2Key ? std::vector<size_t>{2, 5, 1, 4}
                                                               : std::vector<size_t>{1, 3};
    int sent = 0;
    for (int group = 0; group < 300; ++group) {
      const bool is_key = group == 0 || random.NextBelow(20) == 0;
      for (const size_t index : is_key ? key : cycle) {
        const bool carries_structure = is_key && index == 0;
        const rtp::MediaPacket& packet = encoder.Frame(index, carries_structure);
        if (!carries_structure && random.NextBelow(20) == 0) {
          continue;  // Lost.
        }
        if (group == 0 && carries_structure) {
          selector.Start(packet);
        }
        if (selector.Decide(packet).forward) {
          ++sent;
          for (const int reference : encoder.references(encoder.frame())) {
            ASSERT_FALSE(left_out.contains(reference)) << "seed " << GetParam();
          }
        } else {
          left_out.insert(encoder.frame());
        }
      }
      if (random.NextBelow(10) == 0) {
        selector.SetTarget(static_cast<uint8_t>(random.NextBelow(2)),
                           static_cast<uint8_t>(random.NextBelow(3)));
      }
    }
    EXPECT_GT(sent, 200) << "seed " << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DependencyProperty, ::testing::Range<uint64_t>(1, 31));

}  // namespace
}  // namespace sfu::forward

#include "common/redis/node_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/redis/node_codec.h"

namespace sfu::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class NodeViewTest : public ::testing::Test {
 protected:
  // As a node whose clock is `ahead` of ours writes it now.
  NodeView::Entry Written(const std::string& id, uint64_t sequence,
                          absl::Duration ahead = absl::ZeroDuration()) {
    return {.id = id,
            .age = absl::ZeroDuration(),
            .text = EncodeNode({.id = id, .updated_at = wall_now_ + ahead}, sequence)};
  }
  NodeView::News See(const std::vector<NodeView::Entry>& entries) {
    return view_.HandleSnapshot(now_, wall_now_, entries);
  }
  void Advance(absl::Duration time) {
    now_ = now_ + time;
    wall_now_ += time;
  }
  std::vector<std::string> Available() const {
    std::vector<std::string> ids;
    for (const cluster::NodeRecord& node : view_.Nodes()) {
      if (cluster::IsAvailable(node, now_)) {
        ids.push_back(node.id);
      }
    }
    return ids;
  }

  NodeView view_;
  Timestamp now_ = Timestamp::FromMicros(1'000'000'000);
  absl::Time wall_now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(NodeViewTest, ANodeLivesAsLongAsItsEntryChanges) {
  for (uint64_t sequence = 1; sequence <= 10; ++sequence) {
    See({Written("a", sequence)});
    EXPECT_THAT(Available(), ElementsAre("a"));
    Advance(absl::Seconds(2));
  }
  const NodeView::Entry last = Written("a", 11);
  See({last});
  Advance(absl::Milliseconds(4999));
  See({last});
  EXPECT_THAT(Available(), ElementsAre("a"));
  Advance(absl::Milliseconds(1));
  EXPECT_THAT(Available(), IsEmpty());
}

TEST_F(NodeViewTest, AWrongClockMakesNobodyDeadOrImmortal) {
  for (const absl::Duration ahead : {absl::Minutes(10), absl::Minutes(-10)}) {
    NodeView::Entry entry = Written("a", 1, ahead);
    See({entry});
    EXPECT_THAT(Available(), ElementsAre("a"));
    Advance(absl::Seconds(2));
    entry = Written("a", 2, ahead);
    See({entry});
    EXPECT_THAT(Available(), ElementsAre("a"));
    Advance(absl::Seconds(5));
    See({entry});
    EXPECT_THAT(Available(), IsEmpty());
    See({{.id = "a", .age = {}, .text = NodeView::kLeft}});
  }
}

TEST_F(NodeViewTest, AWrongClockIsToldOnce) {
  EXPECT_THAT(See({Written("a", 1, absl::Minutes(10)), Written("b", 1, absl::Seconds(59))}).skewed,
              ElementsAre(Pair("a", absl::Minutes(10))));
  Advance(absl::Seconds(2));
  EXPECT_THAT(See({Written("a", 2, absl::Minutes(10))}).skewed, IsEmpty());
}

TEST_F(NodeViewTest, AnOldEntryIsNoNewNode) {
  NodeView::Entry entry = Written("a", 1, absl::Minutes(-2));
  entry.age = absl::Seconds(40);
  EXPECT_THAT(See({entry}).skewed, IsEmpty());
  EXPECT_THAT(Available(), IsEmpty());
  EXPECT_EQ(view_.Nodes().size(), 1u);
}

// Its clock may be set while we run.
TEST_F(NodeViewTest, ChangesCountWhateverRedisSaysOfTheirAge) {
  See({Written("a", 1)});
  Advance(absl::Seconds(1));
  NodeView::Entry entry = Written("a", 2);
  entry.age = absl::Hours(1);
  See({entry});
  Advance(absl::Seconds(3));
  EXPECT_THAT(Available(), ElementsAre("a"));
  entry = Written("a", 3);
  entry.age = absl::Hours(-1);
  See({entry});
  EXPECT_THAT(Available(), ElementsAre("a"));
  Advance(absl::Seconds(5));
  EXPECT_THAT(Available(), IsEmpty());
}

TEST_F(NodeViewTest, WhatIsEvictedIsStillKnownForAWhile) {
  See({Written("a", 1)});
  Advance(absl::Seconds(1));
  See({});
  EXPECT_THAT(Available(), ElementsAre("a"));
  Advance(absl::Seconds(1));
  See({Written("a", 2)});
  Advance(absl::Seconds(4));
  EXPECT_THAT(Available(), ElementsAre("a"));
}

TEST_F(NodeViewTest, WhoSaysGoodbyeIsGoneAtOnce) {
  See({Written("a", 1), Written("b", 1)});
  See({{.id = "a", .age = {}, .text = NodeView::kLeft}, Written("b", 1)});
  EXPECT_THAT(Available(), ElementsAre("b"));
}

TEST_F(NodeViewTest, TheSilentAreForgotten) {
  See({Written("a", 1)});
  Advance(NodeView::kForgetAfter + absl::Seconds(1));
  See({});
  EXPECT_THAT(view_.Nodes(), IsEmpty());
}

TEST_F(NodeViewTest, NonsenseIsCountedAndChangesNothing) {
  See({Written("a", 1)});
  EXPECT_EQ(See({{.id = "a", .age = {}, .text = "nonsense"},
                 {.id = "b", .age = {}, .text = ""},
                 {.id = "", .age = {}, .text = Written("c", 1).text}})
                .nonsense,
            3u);
  EXPECT_THAT(Available(), ElementsAre("a"));
}

TEST_F(NodeViewTest, KnowsNoMoreThanItsLimit) {
  std::vector<NodeView::Entry> entries;
  for (size_t i = 0; i < NodeView::kMaxNodes + 5; ++i) {
    entries.push_back(Written("n" + std::to_string(i), 1));
  }
  EXPECT_EQ(See(entries).nonsense, 5u);
  EXPECT_EQ(view_.Nodes().size(), NodeView::kMaxNodes);
}

}  // namespace
}  // namespace sfu::redis

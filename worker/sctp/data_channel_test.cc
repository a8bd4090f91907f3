#include "worker/sctp/data_channel.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/simulated_gettimeofday.h"
#include "worker/sctp/sctp_pair_test_support.h"
#include "worker/sctp/usrsctp_association.h"

namespace sfu::sctp {
namespace {

using ::testing::ElementsAre;
using Pair = TestPair<DataChannels, ChannelOutput>;

const ChannelParameters kReliable = {.label = "_reliable"};
const ChannelParameters kLossy = {.label = "_lossy", .ordered = false, .max_retransmits = 0};

std::vector<uint8_t> Bytes(std::string_view text) { return {text.begin(), text.end()}; }

// `a` is the server under test, `b` a second one in the role of a client.
class DataChannelTest : public ::testing::Test {
 protected:
  static std::unique_ptr<DataChannels> MakeEnd() {
    UsrsctpAssociationFactory factory;
    return std::make_unique<DataChannels>(factory.Create({}));
  }

  void Connect() {
    pair_.Connect();
    ASSERT_TRUE(pair_.RunUntil(
        absl::Seconds(5), [&] { return pair_.a.end->connected() && pair_.b.end->connected(); }));
  }
  std::optional<uint16_t> Open(Pair::Side& side, const ChannelParameters& parameters) {
    const auto stream = side.end->Open(pair_.clock.Now(), parameters);
    pair_.Take(side);
    return stream;
  }
  SendResult Send(Pair::Side& side, uint16_t stream, std::string_view text, bool binary = true) {
    const SendResult result = side.end->Send(pair_.clock.Now(), stream, binary, Bytes(text));
    pair_.Take(side);
    return result;
  }
  void Close(Pair::Side& side, uint16_t stream) {
    side.end->Close(pair_.clock.Now(), stream);
    pair_.Take(side);
  }

  Pair pair_{MakeEnd(), MakeEnd(), SimulatedLink::Options{}, &SetSimulatedTimeOfDay};
};

TEST_F(DataChannelTest, AChannelOpensOnBothSides) {
  Connect();
  ASSERT_EQ(Open(pair_.a, kLossy), 1);
  pair_.Run(absl::Milliseconds(200));
  for (const Pair::Side* const side : {&pair_.a, &pair_.b}) {
    const auto opened = side->All<ChannelOpened>();
    ASSERT_EQ(opened.size(), 1u);
    EXPECT_EQ(opened[0].stream, 1);
    EXPECT_EQ(opened[0].parameters, kLossy);
    EXPECT_EQ(side->end->FindOpen("_lossy"), 1);
    EXPECT_EQ(side->end->FindOpen("_reliable"), std::nullopt);
  }
}

TEST_F(DataChannelTest, ChannelsOpenedBeforeTheAssociationFollowItWithOddStreams) {
  EXPECT_EQ(Open(pair_.a, kReliable), 1);
  EXPECT_EQ(Open(pair_.a, kLossy), 3);
  EXPECT_EQ(Open(pair_.a, {.label = "_data_track"}), 5);
  EXPECT_EQ(Send(pair_.a, 1, "early"), SendResult::kNotConnected);
  Connect();
  pair_.Run(absl::Milliseconds(500));
  EXPECT_EQ(pair_.a.Count<ChannelOpened>(), 3u);
  EXPECT_EQ(pair_.b.Count<ChannelOpened>(), 3u);
}

TEST_F(DataChannelTest, MessagesKeepTheirKindAndMayBeEmpty) {
  Connect();
  const uint16_t stream = *Open(pair_.a, kReliable);
  // At once, before the peer has acknowledged.
  EXPECT_EQ(Send(pair_.a, stream, "binary", true), SendResult::kQueued);
  EXPECT_EQ(Send(pair_.a, stream, "text", false), SendResult::kQueued);
  EXPECT_EQ(Send(pair_.a, stream, "", true), SendResult::kQueued);
  EXPECT_EQ(Send(pair_.a, stream, "", false), SendResult::kQueued);
  pair_.Run(absl::Seconds(1));
  const auto messages = pair_.b.All<ChannelMessage>();
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[0].payload, Bytes("binary"));
  EXPECT_TRUE(messages[0].binary);
  EXPECT_EQ(messages[1].payload, Bytes("text"));
  EXPECT_FALSE(messages[1].binary);
  EXPECT_TRUE(messages[2].payload.empty());
  EXPECT_TRUE(messages[2].binary);
  EXPECT_TRUE(messages[3].payload.empty());
  EXPECT_FALSE(messages[3].binary);
  EXPECT_EQ(messages[0].stream, stream);
}

TEST_F(DataChannelTest, AnswersFlowOnAChannelThePeerOpened) {
  Connect();
  const uint16_t stream = *Open(pair_.b, kLossy);
  pair_.Run(absl::Milliseconds(200));
  ASSERT_EQ(pair_.a.end->FindOpen("_lossy"), stream);
  ASSERT_NE(pair_.a.end->Find(stream), nullptr);
  EXPECT_EQ(*pair_.a.end->Find(stream), kLossy);
  EXPECT_EQ(Send(pair_.a, stream, "answer"), SendResult::kQueued);
  pair_.Run(absl::Seconds(1));
  ASSERT_EQ(pair_.b.Count<ChannelMessage>(), 1u);
}

TEST_F(DataChannelTest, ClosingClosesBothSidesAndFreesTheStream) {
  Connect();
  const uint16_t stream = *Open(pair_.a, kReliable);
  pair_.Run(absl::Milliseconds(200));
  EXPECT_EQ(Send(pair_.a, stream, "last words"), SendResult::kQueued);
  Close(pair_.a, stream);
  EXPECT_EQ(Send(pair_.a, stream, "too late"), SendResult::kNoSuchStream);
  pair_.Run(absl::Seconds(2));
  EXPECT_EQ(pair_.b.Count<ChannelMessage>(), 1u);
  EXPECT_EQ(pair_.a.Count<ChannelClosed>(), 1u);
  EXPECT_EQ(pair_.b.Count<ChannelClosed>(), 1u);
  EXPECT_EQ(pair_.a.end->size(), 0u);
  EXPECT_EQ(pair_.b.end->size(), 0u);

  EXPECT_EQ(Open(pair_.a, kLossy), stream);
  pair_.Run(absl::Seconds(1));
  EXPECT_EQ(pair_.b.end->FindOpen("_lossy"), stream);
  EXPECT_EQ(Send(pair_.a, stream, "anew"), SendResult::kQueued);
  pair_.Run(absl::Seconds(1));
  EXPECT_EQ(pair_.b.Count<ChannelMessage>(), 2u);
}

TEST_F(DataChannelTest, ManyChannelsMayCloseAtOnceFromBothSides) {
  Connect();
  std::vector<uint16_t> streams;
  for (int i = 0; i < 10; ++i) {
    streams.push_back(*Open(pair_.a, kReliable));
  }
  pair_.Run(absl::Milliseconds(500));
  for (size_t i = 0; i < streams.size(); ++i) {
    Close(pair_.a, streams[i]);
    Close(pair_.b, streams[streams.size() - 1 - i]);
  }
  pair_.Run(absl::Seconds(5));
  EXPECT_EQ(pair_.a.end->size(), 0u);
  EXPECT_EQ(pair_.b.end->size(), 0u);
  EXPECT_EQ(pair_.a.Count<ChannelClosed>(), 10u);
  EXPECT_EQ(pair_.b.Count<ChannelClosed>(), 10u);
}

TEST_F(DataChannelTest, AChannelClosedBeforeItsOpenWentOutIsNeverHeardOf) {
  const uint16_t stream = *Open(pair_.a, kReliable);
  Close(pair_.a, stream);
  EXPECT_EQ(pair_.a.Count<ChannelClosed>(), 1u);
  Connect();
  pair_.Run(absl::Seconds(1));
  EXPECT_EQ(pair_.b.Count<ChannelOpened>(), 0u);
}

TEST_F(DataChannelTest, ChannelsAreLimitedOnBothSides) {
  Connect();
  for (size_t i = 0; i < DataChannels::kMaxChannels; ++i) {
    ASSERT_TRUE(Open(pair_.a, kReliable));
  }
  EXPECT_FALSE(Open(pair_.a, kReliable));
}

TEST_F(DataChannelTest, AbortLosesEverythingOnBothSides) {
  Connect();
  ASSERT_TRUE(Open(pair_.a, kReliable));
  pair_.Run(absl::Milliseconds(200));
  pair_.a.end->Abort(pair_.clock.Now());
  pair_.Take(pair_.a);
  pair_.Run(absl::Seconds(1));
  for (const Pair::Side* const side : {&pair_.a, &pair_.b}) {
    EXPECT_EQ(side->Count<ChannelsLost>(), 1u);
    EXPECT_EQ(side->Count<ChannelClosed>(), 0u);
    EXPECT_EQ(side->end->size(), 0u);
    EXPECT_EQ(side->end->NextTimeout(), Timestamp::Never());
  }
}

// An association that says what it is told to, for what no well-behaved peer sends.
class ScriptedAssociation : public Association {
 public:
  void Connect(Timestamp) override { outputs.push_back(Connected{kMaxStreams, kMaxStreams}); }
  void HandlePacket(Timestamp, absl::Span<const uint8_t>) override {}
  void HandleTimeout(Timestamp) override {}
  SendResult Send(Timestamp, const OutgoingMessage& message) override {
    if (answer == SendResult::kQueued) {
      sent_ppids.push_back(message.ppid);
      sent_ordered.push_back(message.ordered);
    }
    return answer;
  }
  void ResetStream(Timestamp, uint16_t stream) override { resets.push_back(stream); }
  void Abort(Timestamp) override {}
  std::optional<AssociationOutput> PollOutput() override {
    if (outputs.empty()) {
      return std::nullopt;
    }
    std::optional<AssociationOutput> output(std::move(outputs.front()));
    outputs.pop_front();
    return output;
  }
  Timestamp NextTimeout() const override { return Timestamp::Never(); }
  bool connected() const override { return true; }
  size_t buffered_bytes() const override { return 0; }
  const AssociationCounters& counters() const override { return counters_; }

  std::deque<AssociationOutput> outputs;
  std::vector<uint32_t> sent_ppids;
  std::vector<bool> sent_ordered;
  std::vector<uint16_t> resets;
  SendResult answer = SendResult::kQueued;

 private:
  AssociationCounters counters_;
};

class ScriptedDataChannelTest : public ::testing::Test {
 protected:
  ScriptedDataChannelTest() {
    auto association = std::make_unique<ScriptedAssociation>();
    association_ = association.get();
    channels_ = std::make_unique<DataChannels>(std::move(association));
    channels_->Connect(clock_.Now());
  }

  void Receive(uint16_t stream, uint32_t ppid, std::vector<uint8_t> payload) {
    association_->outputs.push_back(MessageReceived{stream, ppid, std::move(payload)});
    channels_->HandleTimeout(clock_.Now());
  }
  template <typename T>
  std::vector<T> Take() {
    std::vector<T> found;
    while (std::optional<ChannelOutput> output = channels_->PollOutput()) {
      if (T* const wanted = std::get_if<T>(&*output)) {
        found.push_back(std::move(*wanted));
      }
    }
    return found;
  }

  SimulatedClock clock_;
  ScriptedAssociation* association_;
  std::unique_ptr<DataChannels> channels_;
};

TEST_F(ScriptedDataChannelTest, AnOpenIsAcknowledged) {
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  EXPECT_THAT(association_->sent_ppids, ElementsAre(kPpidDcep));
  ASSERT_EQ(Take<ChannelOpened>().size(), 1u);
}

TEST_F(ScriptedDataChannelTest, AnAcknowledgementWaitsForRoom) {
  association_->answer = SendResult::kBufferFull;
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  EXPECT_TRUE(association_->sent_ppids.empty());
  EXPECT_EQ(channels_->Send(clock_.Now(), 2, true, {}), SendResult::kBufferFull);
  association_->answer = SendResult::kQueued;
  channels_->HandleTimeout(clock_.Now());
  EXPECT_THAT(association_->sent_ppids, ElementsAre(kPpidDcep));
}

TEST_F(ScriptedDataChannelTest, UnorderedChannelsKeepOrderUntilAcknowledged) {
  const uint16_t stream = *channels_->Open(clock_.Now(), kLossy);
  EXPECT_EQ(channels_->Send(clock_.Now(), stream, true, Bytes("x")), SendResult::kQueued);
  Receive(stream, kPpidDcep, BuildDcepAck());
  EXPECT_EQ(channels_->Send(clock_.Now(), stream, true, Bytes("x")), SendResult::kQueued);
  EXPECT_THAT(association_->sent_ordered, ElementsAre(true, true, false));
}

TEST_F(ScriptedDataChannelTest, TooManyChannelsAreResetAndCounted) {
  for (uint16_t i = 0; i < DataChannels::kMaxChannels + 3; ++i) {
    Receive(static_cast<uint16_t>(2 * i), kPpidDcep, BuildDcepOpen(kReliable));
  }
  EXPECT_EQ(channels_->size(), DataChannels::kMaxChannels);
  EXPECT_EQ(channels_->counters().refused_too_many_channels, 3u);
  EXPECT_THAT(association_->resets, ElementsAre(64, 66, 68));
}

TEST_F(ScriptedDataChannelTest, ASecondOpenOnAStreamChangesNothing) {
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  Receive(2, kPpidDcep, BuildDcepOpen(kLossy));
  EXPECT_EQ(channels_->FindOpen("_reliable"), 2);
  EXPECT_EQ(channels_->counters().refused_stream_in_use, 1u);
}

TEST_F(ScriptedDataChannelTest, GarbageIsDroppedByReason) {
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  Receive(2, kPpidDcep, {0x77});
  Receive(2, 52, {1});
  Receive(2, 54, {1});
  Receive(2, 0, {1});
  Receive(4, kPpidBinary, {1});
  Receive(6, kPpidDcep, BuildDcepAck());
  EXPECT_TRUE(Take<ChannelMessage>().empty());
  EXPECT_EQ(channels_->counters().dropped_bad_dcep, 1u);
  EXPECT_EQ(channels_->counters().dropped_bad_ppid, 3u);
  EXPECT_EQ(channels_->counters().dropped_unknown_stream, 1u);
}

TEST_F(ScriptedDataChannelTest, OfTwoChannelsWithOneLabelTheOlderIsFound) {
  Receive(4, kPpidDcep, BuildDcepOpen(kReliable));
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  EXPECT_EQ(channels_->FindOpen("_reliable"), 4);
}

TEST_F(ScriptedDataChannelTest, ARestartOfTheAssociationClosesTheChannels) {
  Receive(2, kPpidDcep, BuildDcepOpen(kReliable));
  association_->outputs.push_back(Connected{kMaxStreams, kMaxStreams});
  channels_->HandleTimeout(clock_.Now());
  EXPECT_EQ(Take<ChannelClosed>().size(), 1u);
  EXPECT_EQ(channels_->size(), 0u);
}

TEST_F(ScriptedDataChannelTest, AChannelThePeerHasNoStreamForIsClosed) {
  association_->answer = SendResult::kNoSuchStream;
  ASSERT_TRUE(channels_->Open(clock_.Now(), kReliable));
  EXPECT_EQ(Take<ChannelClosed>().size(), 1u);
  EXPECT_EQ(channels_->size(), 0u);
}

}  // namespace
}  // namespace sfu::sctp

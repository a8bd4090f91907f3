#include "worker/sctp/usrsctp_association.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/support/simulated_gettimeofday.h"
#include "worker/sctp/sctp_pair_test_support.h"

namespace sfu::sctp {
namespace {

using Pair = TestPair<Association, AssociationOutput>;

constexpr uint32_t kPpid = 53;

Pair MakePair(const AssociationOptions& first = {}, const AssociationOptions& second = {},
              const SimulatedLink::Options& link = {}) {
  UsrsctpAssociationFactory factory;
  return {factory.Create(first), factory.Create(second), link, &SetSimulatedTimeOfDay};
}

Pair MakeConnectedPair(const SimulatedLink::Options& link = {}) {
  Pair pair = MakePair({}, {}, link);
  pair.Connect();
  EXPECT_TRUE(pair.RunUntil(absl::Seconds(20),
                            [&] { return pair.a.end->connected() && pair.b.end->connected(); }));
  return pair;
}

// Told apart by size and content.
std::vector<uint8_t> Payload(size_t size) {
  std::vector<uint8_t> payload(size);
  for (size_t i = 0; i < size; ++i) {
    payload[i] = static_cast<uint8_t>(size + i * 7 + (i >> 8));
  }
  return payload;
}

SendResult Send(Pair& pair, Pair::Side& from, const std::vector<uint8_t>& payload,
                uint16_t stream = 0, bool reliable = true) {
  OutgoingMessage message;
  message.stream = stream;
  message.ppid = kPpid;
  message.payload = payload;
  if (!reliable) {
    message.ordered = false;
    message.max_retransmits = 0;
  }
  const SendResult result = from.end->Send(pair.clock.Now(), message);
  pair.Take(from);
  return result;
}

TEST(UsrsctpAssociationTest, ConnectsWhenBothSidesStart) {
  const Pair pair = MakeConnectedPair();
  for (const Pair::Side* const side : {&pair.a, &pair.b}) {
    const std::vector<Connected> connected = side->All<Connected>();
    ASSERT_EQ(connected.size(), 1u);
    EXPECT_EQ(connected[0].outgoing_streams, kMaxStreams);
    EXPECT_EQ(connected[0].incoming_streams, kMaxStreams);
  }
}

TEST(UsrsctpAssociationTest, ConnectsWhenOneSideStartsLater) {
  Pair pair = MakePair();
  pair.a.end->Connect(pair.clock.Now());
  pair.Run(absl::Milliseconds(100));  // The first INIT finds nobody.
  pair.b.end->Connect(pair.clock.Now());
  EXPECT_TRUE(pair.RunUntil(absl::Seconds(2),
                            [&] { return pair.a.end->connected() && pair.b.end->connected(); }));
}

TEST(UsrsctpAssociationTest, NothingIsSentBeforeConnect) {
  Pair pair = MakePair();
  EXPECT_EQ(pair.a.end->NextTimeout(), Timestamp::Never());
  EXPECT_EQ(Send(pair, pair.a, {1}), SendResult::kNotConnected);
  pair.a.end->HandlePacket(pair.clock.Now(), std::vector<uint8_t>(100, 1));
  EXPECT_FALSE(pair.a.end->PollOutput());
}

TEST(UsrsctpAssociationTest, StreamsAreCappedWhateverThePeerAsksFor) {
  AssociationOptions greedy;
  greedy.streams = 65'535;
  Pair pair = MakePair({}, greedy);
  pair.Connect();
  ASSERT_TRUE(pair.RunUntil(absl::Seconds(2),
                            [&] { return pair.a.end->connected() && pair.b.end->connected(); }));
  const Connected ours = pair.a.All<Connected>().at(0);
  EXPECT_EQ(ours.outgoing_streams, kMaxStreams);
  EXPECT_EQ(ours.incoming_streams, kMaxStreams);
  const Connected theirs = pair.b.All<Connected>().at(0);
  EXPECT_EQ(theirs.outgoing_streams, kMaxStreams);
  EXPECT_EQ(Send(pair, pair.b, {1}, kMaxStreams), SendResult::kNoSuchStream);
}

TEST(UsrsctpAssociationTest, MessagesOfEverySizeArriveWhole) {
  Pair pair = MakeConnectedPair();
  const std::vector<size_t> sizes = {1, 2, 100, 1100, 1191, 1192, 5000, 16'000, 60'000, 65'535};
  for (const size_t size : sizes) {
    ASSERT_EQ(Send(pair, pair.a, Payload(size), 5), SendResult::kQueued);
    ASSERT_EQ(Send(pair, pair.b, Payload(size), 7), SendResult::kQueued);
  }
  pair.Run(absl::Seconds(3));
  for (const auto& [side, stream] : {std::pair(&pair.b, 5), std::pair(&pair.a, 7)}) {
    const std::vector<MessageReceived> received = side->All<MessageReceived>();
    ASSERT_EQ(received.size(), sizes.size());
    for (size_t i = 0; i < sizes.size(); ++i) {
      EXPECT_EQ(received[i].payload, Payload(sizes[i]));
      EXPECT_EQ(received[i].ppid, kPpid);
      EXPECT_EQ(received[i].stream, stream);
    }
    EXPECT_LE(side->largest_packet_bytes, AssociationOptions().max_packet_bytes);
    EXPECT_GT(side->largest_packet_bytes, 1100u);
  }
  EXPECT_EQ(pair.a.end->buffered_bytes(), 0u);
  EXPECT_EQ(pair.b.end->buffered_bytes(), 0u);
}

TEST(UsrsctpAssociationTest, ALossyLinkStillDeliversReliableMessagesInOrder) {
  for (const uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    Pair pair = MakeConnectedPair({.seed = seed, .jitter = absl::Milliseconds(10), .loss = 0.2});
    constexpr size_t kMessages = 200;
    for (size_t i = 1; i <= kMessages; ++i) {
      ASSERT_EQ(Send(pair, pair.a, Payload(i * 13)), SendResult::kQueued);
    }
    EXPECT_TRUE(pair.RunUntil(
        absl::Minutes(5), [&] { return pair.b.template Count<MessageReceived>() == kMessages; }));
    const std::vector<MessageReceived> received = pair.b.All<MessageReceived>();
    ASSERT_EQ(received.size(), kMessages);
    for (size_t i = 0; i < kMessages; ++i) {
      ASSERT_EQ(received[i].payload, Payload((i + 1) * 13)) << "message " << i;
    }
    EXPECT_TRUE(
        pair.RunUntil(absl::Seconds(30), [&] { return pair.a.end->buffered_bytes() == 0; }));
  }
}

TEST(UsrsctpAssociationTest, WithoutRetransmissionsSomeMessagesAreLostForGood) {
  Pair pair = MakeConnectedPair({.seed = 7, .jitter = absl::ZeroDuration(), .loss = 0.2});
  constexpr size_t kMessages = 300;
  for (size_t i = 1; i <= kMessages; ++i) {
    ASSERT_EQ(Send(pair, pair.a, Payload(i), 1, /*reliable=*/false), SendResult::kQueued);
    pair.Run(absl::Milliseconds(20));
  }
  EXPECT_TRUE(pair.RunUntil(absl::Seconds(30), [&] { return pair.a.end->buffered_bytes() == 0; }));
  const size_t received = pair.b.Count<MessageReceived>();
  EXPECT_GT(received, kMessages / 2);
  EXPECT_LT(received, kMessages * 95 / 100);
}

TEST(UsrsctpAssociationTest, AMessageTooLargeIsRefusedOnTheWayOut) {
  Pair pair = MakeConnectedPair();
  EXPECT_EQ(Send(pair, pair.a, Payload(65'536)), SendResult::kTooLarge);
}

TEST(UsrsctpAssociationTest, AMessageTooLargeIsDroppedOnTheWayInAndTheNextOneArrives) {
  AssociationOptions generous;
  generous.max_send_bytes = 1 << 20;
  Pair pair = MakePair({}, generous);
  pair.Connect();
  ASSERT_TRUE(pair.RunUntil(absl::Seconds(2), [&] { return pair.b.end->connected(); }));
  for (const size_t size : {65'536, 100'000, 900'000}) {
    ASSERT_EQ(Send(pair, pair.b, Payload(size)), SendResult::kQueued);
  }
  ASSERT_EQ(Send(pair, pair.b, Payload(65'535)), SendResult::kQueued);
  ASSERT_EQ(Send(pair, pair.b, Payload(10)), SendResult::kQueued);
  pair.Run(absl::Seconds(5));
  const std::vector<MessageReceived> received = pair.a.All<MessageReceived>();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].payload, Payload(65'535));
  EXPECT_EQ(received[1].payload, Payload(10));
  EXPECT_EQ(pair.a.end->counters().dropped_message_too_large, 3u);
}

TEST(UsrsctpAssociationTest, ADeadPeerFillsTheBufferToItsCapAndIsReportedOnce) {
  Pair pair = MakeConnectedPair();
  pair.Run(absl::Seconds(2));
  size_t queued = 0;
  // Straight into the association: nothing of it reaches the peer.
  OutgoingMessage message;
  const std::vector<uint8_t> payload = Payload(16'000);
  message.payload = payload;
  SendResult result = SendResult::kQueued;
  while (result == SendResult::kQueued) {
    result = pair.a.end->Send(pair.clock.Now(), message);
    queued += result == SendResult::kQueued ? payload.size() : 0;
  }
  EXPECT_EQ(result, SendResult::kBufferFull);
  EXPECT_LE(queued, AssociationOptions().send_buffer_bytes);
  EXPECT_GT(queued, AssociationOptions().send_buffer_bytes / 2);
  EXPECT_LE(pair.a.end->buffered_bytes(), AssociationOptions().send_buffer_bytes);

  size_t stuck = 0;
  const Timestamp end = pair.clock.Now() + absl::Minutes(3);
  while (pair.clock.Now() < end) {
    pair.AdvanceTo(pair.clock.Now() + absl::Milliseconds(10));
    pair.a.end->HandleTimeout(pair.clock.Now());
    while (const auto output = pair.a.end->PollOutput()) {
      stuck += std::holds_alternative<Stuck>(*output) ? 1 : 0;
      EXPECT_FALSE(std::holds_alternative<Closed>(*output)) << "ICE decides that, not SCTP";
    }
  }
  EXPECT_EQ(stuck, 1u);
}

TEST(UsrsctpAssociationTest, AResetReachesThePeerAndTheStreamWorksAnew) {
  Pair pair = MakeConnectedPair();
  ASSERT_EQ(Send(pair, pair.a, Payload(100), 3), SendResult::kQueued);
  pair.a.end->ResetStream(pair.clock.Now(), 3);
  pair.a.end->ResetStream(pair.clock.Now(), 5);  // While the first one is in flight.
  pair.Take(pair.a);
  pair.Run(absl::Seconds(3));
  const std::vector<StreamReset> resets = pair.b.All<StreamReset>();
  ASSERT_EQ(resets.size(), 2u);
  EXPECT_EQ(resets[0].stream + resets[1].stream, 3 + 5);  // In no particular order.
  ASSERT_EQ(pair.b.All<MessageReceived>().size(), 1u) << "queued before the reset";
  ASSERT_EQ(Send(pair, pair.a, Payload(50), 3), SendResult::kQueued);
  pair.Run(absl::Seconds(1));
  EXPECT_EQ(pair.b.All<MessageReceived>().size(), 2u);
}

TEST(UsrsctpAssociationTest, AbortEndsBothSides) {
  Pair pair = MakeConnectedPair();
  pair.a.end->Abort(pair.clock.Now());
  pair.a.end->Abort(pair.clock.Now());
  pair.Take(pair.a);
  pair.Run(absl::Seconds(1));
  ASSERT_EQ(pair.a.All<Closed>().size(), 1u);
  EXPECT_EQ(pair.a.All<Closed>()[0].reason, Closed::Reason::kLocal);
  ASSERT_EQ(pair.b.All<Closed>().size(), 1u);
  EXPECT_EQ(pair.b.All<Closed>()[0].reason, Closed::Reason::kAborted);
  for (Pair::Side* const side : {&pair.a, &pair.b}) {
    EXPECT_FALSE(side->end->connected());
    EXPECT_EQ(side->end->NextTimeout(), Timestamp::Never());
    EXPECT_EQ(Send(pair, *side, {1}), SendResult::kNotConnected);
  }
}

TEST(UsrsctpAssociationTest, APeerThatStartsAnewIsReportedAsConnectedAgain) {
  Pair pair = MakeConnectedPair();
  UsrsctpAssociationFactory factory;
  pair.b.end = factory.Create({});  // The old one is gone without a word.
  pair.b.outputs.clear();
  pair.b.end->Connect(pair.clock.Now());
  pair.Take(pair.b);
  EXPECT_TRUE(pair.RunUntil(absl::Seconds(5), [&] {
    return pair.b.end->connected() && pair.a.template Count<Connected>() == 2;
  }));
  ASSERT_EQ(Send(pair, pair.a, Payload(100)), SendResult::kQueued);
  pair.Run(absl::Seconds(1));
  EXPECT_EQ(pair.b.All<MessageReceived>().size(), 1u);
}

TEST(UsrsctpAssociationTest, AnIdleAssociationHardlyPolls) {
  Pair pair = MakeConnectedPair();
  ASSERT_EQ(Send(pair, pair.a, Payload(1000)), SendResult::kQueued);
  pair.Run(absl::Seconds(3));
  const uint64_t packets = pair.a.end->counters().packets_out;
  EXPECT_GE(pair.a.end->NextTimeout() - pair.clock.Now(), absl::Milliseconds(1));
  const Timestamp first = pair.a.end->NextTimeout();
  pair.Run(absl::Minutes(2));
  EXPECT_EQ(pair.a.end->counters().packets_out, packets) << "no heartbeats";
  EXPECT_GT(pair.a.end->NextTimeout() - first, absl::Minutes(1));
}

TEST(UsrsctpAssociationTest, TruncatedAndFlippedPacketsDoNoHarm) {
  UsrsctpAssociationFactory factory;
  SimulatedClock clock;
  const std::unique_ptr<Association> sender = factory.Create({});
  sender->Connect(clock.Now());
  const std::vector<uint8_t> init = std::get<SendPacket>(*sender->PollOutput()).packet;
  const std::unique_ptr<Association> victim = factory.Create({});
  victim->Connect(clock.Now());
  for (size_t size = 0; size < init.size(); ++size) {
    victim->HandlePacket(clock.Now(), absl::MakeConstSpan(init).first(size));
  }
  for (size_t bit = 0; bit < init.size() * 8; ++bit) {
    std::vector<uint8_t> flipped = init;
    flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ 1 << bit % 8);
    victim->HandlePacket(clock.Now(), flipped);
  }
  size_t packets = 0;
  while (const auto output = victim->PollOutput()) {
    EXPECT_TRUE(std::holds_alternative<SendPacket>(*output));
    ++packets;
  }
  EXPECT_EQ(packets, 1u) << "our own INIT; damaged packets fail their checksum";
}

#if defined(__SANITIZE_ADDRESS__)
extern "C" size_t __sanitizer_get_current_allocated_bytes();
size_t AllocatedBytes() { return __sanitizer_get_current_allocated_bytes(); }
#else
size_t AllocatedBytes() { return mallinfo2().uordblks; }
#endif

TEST(UsrsctpAssociationTest, AnAssociationIsSmallAndLeavesNothingBehind) {
  const auto connect_and_talk = [&] {
    Pair pair = MakePair();
    pair.Connect();
    EXPECT_TRUE(pair.RunUntil(absl::Seconds(2), [&] { return pair.b.end->connected(); }));
    EXPECT_EQ(Send(pair, pair.a, Payload(10'000)), SendResult::kQueued);
    pair.Run(absl::Seconds(2));
    return pair;
  };
  for (int i = 0; i < 20; ++i) {
    connect_and_talk();  // usrsctp fills its free lists.
  }
  const size_t before = AllocatedBytes();
  {
    std::vector<Pair> pairs;
    for (int i = 0; i < 20; ++i) {
      pairs.push_back(connect_and_talk());
    }
    EXPECT_LT(AllocatedBytes() - before, 40 * 100'000u);
  }
  for (int i = 0; i < 200; ++i) {
    connect_and_talk();
  }
  EXPECT_LT(AllocatedBytes(), before + 200'000) << "two associations a round would be 20 MB";
}

}  // namespace
}  // namespace sfu::sctp

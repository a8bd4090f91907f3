#include "worker/sctp/usrsctp_stack.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "worker/sctp/sctp_pair_test_support.h"
#include "worker/sctp/usrsctp_association.h"

namespace sfu::sctp {
namespace {

TEST(UsrsctpStackTest, AnInboxNobodyEmptiesIsBounded) {
  UsrsctpInbox inbox;
  for (size_t i = 0; i < UsrsctpInbox::kMaxEvents + 5; ++i) {
    inbox.Push({.kind = UsrsctpEvent::Kind::kPacket, .bytes = {1, 2, 3}});
  }
  UsrsctpInbox::Contents contents = inbox.Take();
  EXPECT_EQ(contents.events.size(), UsrsctpInbox::kMaxEvents);
  EXPECT_EQ(contents.dropped_packets, 5u);
  EXPECT_FALSE(contents.overflowed);
  EXPECT_FALSE(inbox.pending());

  for (size_t i = 0; i < 100; ++i) {
    inbox.Push({.kind = UsrsctpEvent::Kind::kData, .bytes = std::vector<uint8_t>(100'000)});
  }
  contents = inbox.Take();
  EXPECT_LE(contents.events.size() * 100'000, UsrsctpInbox::kMaxBytes);
  EXPECT_TRUE(contents.overflowed);
}

// Real threads, each with associations of its own, all advancing the one clock of the stack. Their
// simulated clocks disagree wildly, so timers fire at the wrong time, on the wrong thread: worse
// than production, and still everything arrives.
TEST(UsrsctpStackTest, SeveralThreadsShareTheStack) {
  std::vector<std::thread> threads;
  std::atomic<int> complete = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&complete] {
      for (int round = 0; round < 5; ++round) {
        UsrsctpAssociationFactory factory;
        TestPair<Association, AssociationOutput> pair(factory.Create({}), factory.Create({}),
                                                      SimulatedLink::Options{}, nullptr);
        pair.Connect();
        if (!pair.RunUntil(absl::Seconds(20),
                           [&] { return pair.a.end->connected() && pair.b.end->connected(); })) {
          return;
        }
        for (size_t message = 1; message <= 50; ++message) {
          const std::vector<uint8_t> payload(message * 100, 7);
          OutgoingMessage outgoing;
          outgoing.payload = payload;
          pair.a.end->Send(pair.clock.Now(), outgoing);
          pair.Take(pair.a);
        }
        if (pair.RunUntil(absl::Seconds(60),
                          [&] { return pair.b.Count<MessageReceived>() == 50; })) {
          ++complete;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(complete, 20);
}

}  // namespace
}  // namespace sfu::sctp

#include "worker/ice/external_address_query.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"

namespace sfu::ice {
namespace {

class ExternalAddressQueryTest : public ::testing::Test {
 protected:
  using Datagrams = std::vector<ExternalAddressQuery::Datagram>;

  Datagrams Sent(ExternalAddressQuery& query) {
    Datagrams sent;
    while (auto datagram = query.PollDatagram()) {
      sent.push_back(*std::move(datagram));
    }
    return sent;
  }
  StunTransactionId IdOf(const ExternalAddressQuery::Datagram& datagram) {
    return StunMessageView::Parse(datagram.bytes)->transaction_id();
  }
  void Answer(ExternalAddressQuery& query, const ExternalAddressQuery::Datagram& request,
              const SocketAddress& mapped) {
    const StunBytes answer = BuildBindingSuccess(IdOf(request), mapped, "");
    query.HandleDatagram(clock_.Now(), request.to, answer);
  }

  const SocketAddress first_ = *SocketAddress::Parse("192.0.2.1", 3478);
  const SocketAddress second_ = *SocketAddress::Parse("192.0.2.2", 3478);
  const SocketAddress outside_ = *SocketAddress::Parse("203.0.113.9", 40'000);
  SimulatedClock clock_;
  SeededRandom random_{1};
};

TEST_F(ExternalAddressQueryTest, TheFirstAnswerCounts) {
  ExternalAddressQuery query(clock_.Now(), {first_, second_}, random_);
  const Datagrams sent = Sent(query);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].to, first_);
  EXPECT_NE(IdOf(sent[0]), IdOf(sent[1]));
  EXPECT_TRUE(StunMessageView::Parse(sent[0].bytes)->FingerprintIsCorrect());
  Answer(query, sent[1], outside_);
  EXPECT_TRUE(query.is_over());
  EXPECT_EQ(query.answer(), outside_.WithPort(0));
  EXPECT_EQ(query.NextTimeout(), Timestamp::Never());
  Answer(query, sent[0], second_);
  EXPECT_EQ(query.answer(), outside_.WithPort(0));
}

TEST_F(ExternalAddressQueryTest, AsksAgainEverMoreSlowlyAndGivesUpInTime) {
  ExternalAddressQuery query(clock_.Now(), {first_}, random_);
  const Timestamp started = clock_.Now();
  std::vector<absl::Duration> times;
  size_t requests = Sent(query).size();
  while (!query.is_over()) {
    clock_.AdvanceTo(query.NextTimeout());
    query.HandleTimeout(clock_.Now());
    requests += Sent(query).size();
  }
  EXPECT_EQ(requests, 4u);  // At 0, 0.5, 1.5 and 3.5 s.
  EXPECT_EQ(clock_.Now() - started, ExternalAddressQuery::kLimit);
  EXPECT_FALSE(query.answer().has_value());
}

TEST_F(ExternalAddressQueryTest, StrangersAndForgeriesAreNotBelieved) {
  ExternalAddressQuery query(clock_.Now(), {first_}, random_);
  const Datagrams sent = Sent(query);
  const StunBytes answer = BuildBindingSuccess(IdOf(sent[0]), outside_, "");
  query.HandleDatagram(clock_.Now(), second_, answer);
  query.HandleDatagram(clock_.Now(), first_,
                       BuildBindingSuccess(StunTransactionId{}, outside_, ""));
  query.HandleDatagram(clock_.Now(), first_, sent[0].bytes);  // A request, not an answer.
  StunBytes damaged = answer;
  damaged[30] ^= 1;
  query.HandleDatagram(clock_.Now(), first_, damaged);
  query.HandleDatagram(clock_.Now(), first_, {});
  EXPECT_FALSE(query.is_over());
  query.HandleDatagram(clock_.Now(), first_, answer);
  EXPECT_TRUE(query.answer().has_value());
}

TEST_F(ExternalAddressQueryTest, AServerThatRefusesIsNotWaitedFor) {
  ExternalAddressQuery query(clock_.Now(), {first_}, random_);
  const Datagrams sent = Sent(query);
  query.HandleDatagram(clock_.Now(), first_,
                       BuildBindingError(IdOf(sent[0]), StunError::kBadRequest, ""));
  EXPECT_TRUE(query.is_over());
  EXPECT_FALSE(query.answer().has_value());
}

TEST_F(ExternalAddressQueryTest, AnAnswerThatSaysNothingIsNone) {
  ExternalAddressQuery query(clock_.Now(), {first_}, random_);
  Answer(query, Sent(query)[0], SocketAddress::V4({0, 0, 0, 0}, 1));
  EXPECT_TRUE(query.is_over());
  EXPECT_FALSE(query.answer().has_value());
}

TEST_F(ExternalAddressQueryTest, WithoutServersItIsOver) {
  ExternalAddressQuery query(clock_.Now(), {}, random_);
  EXPECT_TRUE(query.is_over());
  EXPECT_TRUE(Sent(query).empty());
}

TEST_F(ExternalAddressQueryTest, HowManyAreAskedIsBounded) {
  const std::vector<SocketAddress> many(100, first_);
  ExternalAddressQuery query(clock_.Now(), many, random_);
  EXPECT_EQ(Sent(query).size(), ExternalAddressQuery::kMaxServers);
}

}  // namespace
}  // namespace sfu::ice

#include "worker/dtls/session.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/simulated_gettimeofday.h"
#include "tests/support/simulated_network.h"

namespace sfu::dtls {
namespace {

using Bytes = std::vector<uint8_t>;
using testing::ElementsAre;

const absl::Time wall_time = absl::FromUnixSeconds(1'760'000'000);

// One identity for all tests of a kind: making keys is slow.
struct Identity {
  explicit Identity(uint64_t seed)
      : random(seed), certificate(Certificate::Generate(random, wall_time)), context(certificate) {}

  SeededRandom random;
  Certificate certificate;
  Context context;
};
Identity& ServerIdentity() {
  static Identity identity(1);
  return identity;
}
Identity& ClientIdentity() {
  static Identity identity(2);
  return identity;
}

// A session and what it has put out so far.
struct Peer {
  Peer(Identity& identity, const Session::Options& options) : session(identity.context, options) {}

  Session session;
  std::optional<SrtpKeys> keys;
  std::optional<FailureReason> failure;
  bool closed = false;
  std::vector<Bytes> messages;
  std::vector<Bytes> sent;
};

void Note(Peer& peer, Connected connected) { peer.keys = std::move(connected.keys); }
void Note(Peer& peer, ApplicationData data) { peer.messages.push_back(std::move(data.bytes)); }
void Note(Peer& peer, Failed failed) { peer.failure = failed.reason; }
void Note(Peer& peer, Closed) { peer.closed = true; }
void Note(Peer& peer, SendDatagram datagram) { peer.sent.push_back(std::move(datagram.bytes)); }

// A client and a server over two links, on simulated time.
class SessionTest : public testing::Test {
 protected:
  void Connect(const SimulatedLink::Options& link = {},
               const Session::Options& client = {.role = Role::kClient},
               const Session::Options& server = {}) {
    SetSimulatedTimeOfDay(clock_.Now());
    client_.emplace(ClientIdentity(), client);
    server_.emplace(ServerIdentity(), server);
    SimulatedLink::Options back = link;
    back.seed = link.seed + 1000;
    to_server_.emplace(link);
    to_client_.emplace(back);
  }

  void ExpectFingerprints() {
    client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
    server_->session.SetRemoteFingerprints({ClientIdentity().certificate.fingerprint()});
  }

  // Runs until nothing is under way, or `limit` has passed.
  void Run(absl::Duration limit = absl::Seconds(100)) {
    const Timestamp end = clock_.Now() + limit;
    client_->session.Start(clock_.Now());
    Drain();
    for (int step = 0; step < 10'000; ++step) {
      const Timestamp next =
          std::min({to_server_->NextTimeout(), to_client_->NextTimeout(),
                    client_->session.NextTimeout(), server_->session.NextTimeout()});
      if (next == Timestamp::Never()) {
        return;
      }
      if (next > end) {
        AdvanceTo(end);
        return;
      }
      AdvanceTo(std::max(next, clock_.Now()));
      Step();
    }
    FAIL() << "the sessions never come to rest";
  }

  void Step() {
    const Timestamp now = clock_.Now();
    while (const std::optional<Bytes> datagram = to_server_->PollArrival(now)) {
      server_->session.HandleDatagram(now, *datagram);
      Drain();
    }
    while (const std::optional<Bytes> datagram = to_client_->PollArrival(now)) {
      client_->session.HandleDatagram(now, *datagram);
      Drain();
    }
    for (Peer* peer : {&*client_, &*server_}) {
      if (peer->session.NextTimeout() <= now) {
        peer->session.HandleTimeout(now);
      }
    }
    Drain();
  }

  void Drain() {
    Drain(*client_, *to_server_);
    Drain(*server_, *to_client_);
  }
  void Drain(Peer& peer, SimulatedLink& link) {
    while (std::optional<Output> output = peer.session.PollOutput()) {
      if (const auto* datagram = std::get_if<SendDatagram>(&*output)) {
        link.Send(clock_.Now(), datagram->bytes);
      }
      std::visit([&peer](auto& value) { Note(peer, std::move(value)); }, *output);
    }
  }

  void AdvanceTo(Timestamp instant) {
    clock_.AdvanceTo(instant);
    SetSimulatedTimeOfDay(instant);
  }

  void ExpectConnected() {
    ASSERT_TRUE(client_->keys && server_->keys);
    EXPECT_EQ(client_->keys->local_key, server_->keys->remote_key);
    EXPECT_EQ(client_->keys->local_salt, server_->keys->remote_salt);
    EXPECT_EQ(client_->keys->remote_key, server_->keys->local_key);
    EXPECT_EQ(client_->keys->remote_salt, server_->keys->local_salt);
    EXPECT_NE(client_->keys->local_key, client_->keys->remote_key);
    EXPECT_TRUE(client_->session.connected());
    EXPECT_TRUE(server_->session.connected());
  }

  SimulatedClock clock_;
  std::optional<Peer> client_;
  std::optional<Peer> server_;
  std::optional<SimulatedLink> to_server_;
  std::optional<SimulatedLink> to_client_;
};

TEST_F(SessionTest, ConnectsWithTheProfileTheServerPrefers) {
  Connect();
  ExpectFingerprints();
  Run();
  ExpectConnected();
  EXPECT_EQ(server_->keys->profile, SrtpProfile::kAeadAes128Gcm);
  EXPECT_EQ(server_->session.NextTimeout(), Timestamp::Never());
  EXPECT_EQ(client_->session.NextTimeout(), Timestamp::Never());
}

TEST_F(SessionTest, TakesTwoRoundTripsWithoutCookies) {
  Connect({.delay = absl::Milliseconds(20)});
  ExpectFingerprints();
  const Timestamp start = clock_.Now();
  Run();
  ExpectConnected();
  EXPECT_EQ(clock_.Now() - start, 4 * absl::Milliseconds(20));
  EXPECT_EQ(server_->session.counters().retransmitted_flights, 0u);
}

TEST_F(SessionTest, DatagramsStayWithinTheMtu) {
  Session::Options small{.mtu_bytes = 300};
  Session::Options small_client{.role = Role::kClient, .mtu_bytes = 300};
  Connect({}, small_client, small);
  ExpectFingerprints();
  Run();
  ExpectConnected();
  size_t largest = 0;
  for (const Peer* peer : {&*client_, &*server_}) {
    for (const Bytes& datagram : peer->sent) {
      largest = std::max(largest, datagram.size());
    }
  }
  EXPECT_LE(largest, 300u);
  EXPECT_GE(server_->sent.size(), 3u);
}

// Cuts a datagram with one handshake message into datagrams of at most `piece` bytes of it each, as
// a client with a small MTU or a large (post-quantum) key share does (RFC 6347 §4.2.3).
std::vector<Bytes> Fragments(const Bytes& datagram, size_t piece) {
  constexpr size_t kRecordHeader = 13;
  constexpr size_t kMessageHeader = 12;
  const size_t length = datagram.size() - kRecordHeader - kMessageHeader;
  std::vector<Bytes> fragments;
  for (size_t offset = 0; offset < length; offset += piece) {
    const size_t size = std::min(piece, length - offset);
    Bytes fragment(datagram.begin(), datagram.begin() + kRecordHeader + kMessageHeader);
    fragment[10] = static_cast<uint8_t>(fragments.size());  // The record's sequence number.
    fragment[11] = static_cast<uint8_t>((size + kMessageHeader) >> 8);
    fragment[12] = static_cast<uint8_t>(size + kMessageHeader);
    fragment[20] = static_cast<uint8_t>(offset >> 8);
    fragment[21] = static_cast<uint8_t>(offset);
    fragment[23] = static_cast<uint8_t>(size >> 8);
    fragment[24] = static_cast<uint8_t>(size);
    const auto start =
        datagram.begin() + kRecordHeader + kMessageHeader + static_cast<ptrdiff_t>(offset);
    fragment.insert(fragment.end(), start, start + static_cast<ptrdiff_t>(size));
    fragments.push_back(std::move(fragment));
  }
  return fragments;
}

TEST_F(SessionTest, TakesAClientHelloInPieces) {
  for (const bool reversed : {false, true}) {
    Connect();
    ExpectFingerprints();
    client_->session.Start(clock_.Now());
    Bytes hello = std::get<SendDatagram>(*client_->session.PollOutput()).bytes;
    std::vector<Bytes> fragments = Fragments(hello, 50);
    ASSERT_GE(fragments.size(), 3u);
    if (reversed) {
      std::reverse(fragments.begin(), fragments.end());
    }
    for (const Bytes& fragment : fragments) {
      EXPECT_TRUE(server_->sent.empty());
      server_->session.HandleDatagram(clock_.Now(), fragment);
      Drain();
    }
    EXPECT_FALSE(server_->sent.empty());
    Run();
    ExpectConnected();
  }
}

class LossySessionTest : public SessionTest, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, LossySessionTest, testing::Range(1, 61));

TEST_P(LossySessionTest, ConnectsOverALinkThatLosesAndReorders) {
  const auto seed = static_cast<uint64_t>(GetParam());
  Session::Options client{.role = Role::kClient};
  Session::Options server;
  client.mtu_bytes = server.mtu_bytes = seed % 2 == 0 ? 1200 : 400;
  Connect({.seed = seed,
           .delay = absl::Milliseconds(20 + 3 * GetParam()),
           .jitter = absl::Milliseconds(30),
           .loss = 0.3},
          client, server);
  ExpectFingerprints();
  Run();
  ExpectConnected();
  EXPECT_FALSE(client_->failure || server_->failure) << "seed " << seed;
}

TEST_F(SessionTest, RetransmitsAtDoublingIntervalsUpToFourSeconds) {
  Connect({.loss = 1.0});
  const Timestamp start = clock_.Now();
  client_->session.Start(start);
  Drain();
  std::vector<int64_t> at_ms;
  while (at_ms.size() < 8) {
    const size_t sent = client_->sent.size();
    AdvanceTo(client_->session.NextTimeout());
    Step();
    if (client_->sent.size() > sent) {
      at_ms.push_back(absl::ToInt64Milliseconds(clock_.Now() - start));
    }
  }
  EXPECT_THAT(at_ms, ElementsAre(100, 300, 700, 1500, 3100, 6300, 10300, 14300));
  EXPECT_EQ(client_->session.counters().retransmitted_flights, 8u);
}

TEST_F(SessionTest, FirstRetransmissionFollowsTheRoundTripTime) {
  struct Case {
    absl::Duration round_trip_time;
    absl::Duration first;
  };
  for (const Case& c : {Case{absl::Milliseconds(5), absl::Milliseconds(50)},
                        Case{absl::Milliseconds(150), absl::Milliseconds(300)},
                        Case{absl::Seconds(9), absl::Seconds(3)}}) {
    Connect({}, {.role = Role::kClient, .round_trip_time = c.round_trip_time});
    client_->session.Start(clock_.Now());
    EXPECT_EQ(client_->session.NextTimeout() - clock_.Now(), c.first);
  }
}

TEST_F(SessionTest, GivesUpOnAMutePeerWithinTheLimit) {
  Connect({.loss = 1.0});
  const Timestamp start = clock_.Now();
  Run();
  EXPECT_EQ(client_->failure, FailureReason::kHandshakeTimeout);
  EXPECT_LE(clock_.Now() - start, absl::Seconds(60));
  EXPECT_FALSE(server_->failure);  // Has never heard of the client.
  EXPECT_EQ(server_->session.NextTimeout(), Timestamp::Never());
}

TEST_F(SessionTest, HandshakeLimitHoldsWhilePacketsTrickle) {
  Connect({}, {.role = Role::kClient, .handshake_limit = absl::Seconds(2)}, {});
  ExpectFingerprints();
  to_client_.emplace(
      SimulatedLink::Options{.loss = 1.0});  // The server hears, the client does not.
  Run();
  EXPECT_EQ(client_->failure, FailureReason::kHandshakeTimeout);
}

TEST_F(SessionTest, WrongFingerprintFailsOnBothSides) {
  Connect();
  client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  server_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  Run();
  EXPECT_EQ(server_->failure, FailureReason::kFingerprintMismatch);
  EXPECT_EQ(client_->failure, FailureReason::kPeerAlert);
  EXPECT_FALSE(server_->keys || client_->keys);
}

TEST_F(SessionTest, OneOfSeveralFingerprintsSuffices) {
  Connect();
  const Bytes der = EncodeDer(ClientIdentity().certificate.x509());
  client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  server_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint(),
                                          Fingerprint::Of(FingerprintAlgorithm::kSha512, der)});
  Run();
  ExpectConnected();
}

TEST_F(SessionTest, EmptyListOfFingerprintsAcceptsNobody) {
  Connect();
  server_->session.SetRemoteFingerprints({});
  Run();
  EXPECT_EQ(server_->failure, FailureReason::kFingerprintMismatch);
}

TEST_F(SessionTest, KeysAndMessagesWaitForALateFingerprint) {
  Connect();
  client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  Run(absl::Seconds(1));
  ASSERT_TRUE(client_->keys);
  EXPECT_FALSE(server_->keys);
  EXPECT_TRUE(server_->session.awaits_fingerprints());
  EXPECT_FALSE(server_->session.SendApplicationData(Bytes{1}));
  ASSERT_TRUE(client_->session.SendApplicationData(Bytes{7, 7}));
  Run(absl::Seconds(1));
  EXPECT_TRUE(server_->messages.empty());

  server_->session.SetRemoteFingerprints({ClientIdentity().certificate.fingerprint()});
  Drain();
  ExpectConnected();
  EXPECT_THAT(server_->messages, ElementsAre(Bytes{7, 7}));
}

TEST_F(SessionTest, LateWrongFingerprintFailsWithoutKeys) {
  Connect();
  client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  Run(absl::Seconds(1));
  ASSERT_TRUE(client_->session.SendApplicationData(Bytes{7, 7}));
  Run(absl::Seconds(1));
  server_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  Run();
  EXPECT_EQ(server_->failure, FailureReason::kFingerprintMismatch);
  EXPECT_FALSE(server_->keys);
  EXPECT_TRUE(server_->messages.empty());
  EXPECT_TRUE(client_->closed);
}

TEST_F(SessionTest, FingerprintThatNeverComesTimesOut) {
  Connect();
  Run();
  EXPECT_EQ(server_->failure, FailureReason::kHandshakeTimeout);
  EXPECT_FALSE(server_->keys);
}

TEST_F(SessionTest, HeldMessagesAreBounded) {
  Connect();
  client_->session.SetRemoteFingerprints({ServerIdentity().certificate.fingerprint()});
  Run(absl::Seconds(1));
  for (size_t i = 0; i < Session::kMaxHeldMessages + 5; ++i) {
    ASSERT_TRUE(client_->session.SendApplicationData(Bytes{static_cast<uint8_t>(i)}));
  }
  Run(absl::Seconds(1));
  server_->session.SetRemoteFingerprints({ClientIdentity().certificate.fingerprint()});
  Drain();
  EXPECT_EQ(server_->messages.size(), Session::kMaxHeldMessages);
  EXPECT_EQ(server_->session.counters().dropped_unverified, 5u);
}

TEST_F(SessionTest, MessagesPassBothWaysOnePerDatagram) {
  Connect();
  ExpectFingerprints();
  Run();
  const size_t sent_before = server_->sent.size();
  const Bytes large(Session::kMaxMessageBytes, 0x42);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client_->session.SendApplicationData(Bytes{1, 2, 3}));
    ASSERT_TRUE(server_->session.SendApplicationData(large));
  }
  Run();
  EXPECT_THAT(server_->messages,
              testing::AllOf(testing::SizeIs(50), testing::Each(Bytes{1, 2, 3})));
  EXPECT_THAT(client_->messages, testing::AllOf(testing::SizeIs(50), testing::Each(large)));
  EXPECT_EQ(server_->sent.size(), sent_before + 50);
}

TEST_F(SessionTest, RefusesWhatDoesNotFitAndWhatComesTooEarly) {
  Connect();
  ExpectFingerprints();
  EXPECT_FALSE(client_->session.SendApplicationData(Bytes{1}));
  Run();
  EXPECT_FALSE(client_->session.SendApplicationData(Bytes(Session::kMaxMessageBytes + 1)));
  EXPECT_FALSE(client_->session.SendApplicationData(Bytes()));
  EXPECT_EQ(client_->session.counters().dropped_outgoing, 3u);
}

TEST_F(SessionTest, CloseIsToldToThePeerAndEndsTheMessages) {
  Connect();
  ExpectFingerprints();
  Run();
  client_->session.Close();
  Run();
  EXPECT_TRUE(server_->closed);
  EXPECT_FALSE(server_->failure);
  EXPECT_FALSE(server_->session.SendApplicationData(Bytes{1}));
  EXPECT_FALSE(client_->session.SendApplicationData(Bytes{1}));
}

TEST_F(SessionTest, RepeatsItsLastFlightForAClientThatMissedIt) {
  Connect();
  ExpectFingerprints();
  client_->session.Start(clock_.Now());
  Drain();
  AdvanceTo(clock_.Now() + absl::Milliseconds(20));
  Step();  // ClientHello is answered.
  AdvanceTo(clock_.Now() + absl::Milliseconds(20));
  Step();  // The client sends keys and Finished.
  to_client_.emplace(SimulatedLink::Options{.loss = 1.0});
  AdvanceTo(clock_.Now() + absl::Milliseconds(20));
  Step();  // The server's last flight is lost.
  ASSERT_TRUE(server_->keys);
  ASSERT_FALSE(client_->keys);
  to_client_.emplace(SimulatedLink::Options{});
  Run();
  ExpectConnected();
}

TEST_F(SessionTest, ForgedAndRepeatedMessagesAreCounted) {
  Connect();
  ExpectFingerprints();
  Run();
  ASSERT_TRUE(client_->session.SendApplicationData(Bytes{1, 2, 3}));
  Drain();
  const Bytes record = client_->sent.back();
  Run();
  ASSERT_EQ(server_->messages.size(), 1u);

  server_->session.HandleDatagram(clock_.Now(), record);
  Bytes forged = record;
  forged[10] ^= 0x40;  // Another sequence number.
  server_->session.HandleDatagram(clock_.Now(), forged);
  Drain();
  EXPECT_EQ(server_->messages.size(), 1u);
  EXPECT_EQ(server_->session.counters().dropped_undecryptable, 2u);
  EXPECT_TRUE(server_->session.connected());
}

TEST_F(SessionTest, GarbageIsCountedAndHarmless) {
  Connect();
  ExpectFingerprints();
  SeededRandom random(5);
  const auto feed_garbage = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Bytes garbage(random.NextBelow(100));
      random.Fill(absl::MakeSpan(garbage));
      if (!garbage.empty()) {
        garbage[0] = static_cast<uint8_t>(20 + random.NextBelow(44));
      }
      server_->session.HandleDatagram(clock_.Now(), garbage);
    }
  };
  feed_garbage(500);
  EXPECT_EQ(server_->session.counters().dropped_malformed, 500u);
  EXPECT_EQ(server_->session.NextTimeout(), Timestamp::Never());  // Garbage begins nothing.
  Run();
  ExpectConnected();
  feed_garbage(500);
  EXPECT_EQ(server_->session.counters().dropped_malformed, 1000u);
  EXPECT_TRUE(server_->session.connected());
}

TEST_F(SessionTest, TruncatedHandshakesAreCountedAndHarmless) {
  Connect();
  ExpectFingerprints();
  client_->session.Start(clock_.Now());
  Drain();
  const Bytes hello = client_->sent.front();
  for (size_t size = 0; size < hello.size(); ++size) {
    server_->session.HandleDatagram(clock_.Now(), absl::MakeConstSpan(hello).first(size));
  }
  EXPECT_EQ(server_->session.counters().dropped_malformed, hello.size());
  Run();
  ExpectConnected();
}

TEST_F(SessionTest, DamagedHandshakesNeverCrash) {
  SeededRandom random(6);
  for (int round = 0; round < 100; ++round) {
    Connect({}, {.role = Role::kClient, .handshake_limit = absl::Seconds(1)},
            {.handshake_limit = absl::Seconds(1)});
    ExpectFingerprints();
    client_->session.Start(clock_.Now());
    for (int step = 0; step < 20; ++step) {
      while (std::optional<Output> output = client_->session.PollOutput()) {
        if (auto* datagram = std::get_if<SendDatagram>(&*output)) {
          Bytes& bytes = datagram->bytes;
          if (random.NextBelow(3) == 0) {
            bytes[13 + random.NextBelow(static_cast<uint32_t>(bytes.size() - 13))] ^= 0x20;
          }
          server_->session.HandleDatagram(clock_.Now(), bytes);
        }
      }
      while (std::optional<Output> output = server_->session.PollOutput()) {
        if (auto* datagram = std::get_if<SendDatagram>(&*output)) {
          client_->session.HandleDatagram(clock_.Now(), datagram->bytes);
        }
      }
      AdvanceTo(clock_.Now() + absl::Milliseconds(100));
      client_->session.HandleTimeout(clock_.Now());
      server_->session.HandleTimeout(clock_.Now());
    }
  }
}

TEST_F(SessionTest, NothingIsTakenAfterTheEnd) {
  Connect();
  server_->session.SetRemoteFingerprints({});
  Run();
  ASSERT_TRUE(server_->failure);
  server_->session.HandleDatagram(clock_.Now(), client_->sent.front());
  EXPECT_EQ(server_->session.counters().dropped_after_end, 1u);
  EXPECT_FALSE(server_->session.PollOutput());
}

TEST_F(SessionTest, OutlivesItsContext) {
  SeededRandom random(9);
  auto context = std::make_unique<Context>(Certificate::Generate(random, wall_time));
  const Fingerprint fingerprint = context->fingerprint();
  Connect();
  Session server(*context, {});
  context.reset();
  server.SetRemoteFingerprints({ClientIdentity().certificate.fingerprint()});
  client_->session.SetRemoteFingerprints({fingerprint});
  client_->session.Start(clock_.Now());
  for (int step = 0; step < 5; ++step) {
    while (std::optional<Output> output = client_->session.PollOutput()) {
      if (auto* datagram = std::get_if<SendDatagram>(&*output)) {
        server.HandleDatagram(clock_.Now(), datagram->bytes);
      }
    }
    while (std::optional<Output> output = server.PollOutput()) {
      if (auto* datagram = std::get_if<SendDatagram>(&*output)) {
        client_->session.HandleDatagram(clock_.Now(), datagram->bytes);
      }
    }
  }
  EXPECT_TRUE(server.connected());
}

}  // namespace
}  // namespace sfu::dtls

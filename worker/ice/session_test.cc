#include "worker/ice/session.h"

#include <string>
#include <vector>

#include <absl/strings/escaping.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/support/simulated_clock.h"

namespace sfu::ice {
namespace {

const Credentials kFirst = {.ufrag = "AAfirst", .password = "firstfirstfirstfirst1234"};
const Credentials kSecond = {.ufrag = "AAsecond", .password = "secondsecondsecond123456"};
const Credentials kThird = {.ufrag = "AAthird", .password = "thirdthirdthirdthird1234"};

const Path kHome = {.remote = SocketAddress::V4({192, 0, 2, 1}, 40'000), .local_socket = 0};
const Path kMobile = {.remote = SocketAddress::V4({198, 51, 100, 9}, 50'000), .local_socket = 0};

constexpr uint32_t kHigh = 0x7e00'ffff;
constexpr uint32_t kLow = 0x6e00'01ff;

// Attributes of a request, in hexadecimal.
const std::string kUsername =
    "0006000c"
    "414166697273743a7468656d";  // "AAfirst:them"
const std::string kPriority =
    "00240004"
    "7e00ffff";
const std::string kControlling =
    "802a0008"
    "0000000000000063";

uint32_t SlowCrc32(const std::vector<uint8_t>& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
  }
  return ~crc;
}

// A Binding request that our own builder refuses to make: any attributes, then MESSAGE-INTEGRITY
// unless the password is empty, then a correct FINGERPRINT.
std::vector<uint8_t> Compose(const std::string& attributes, const std::string& password) {
  const std::string text =
      absl::HexStringToBytes("000100002112a442000102030405060708090a0b" + attributes);
  std::vector<uint8_t> bytes(text.begin(), text.end());
  const auto append = [&bytes](std::vector<uint8_t> header, size_t value_bytes, auto value) {
    bytes[3] = static_cast<uint8_t>(bytes.size() - kStunHeaderBytes + 4 + value_bytes);
    const std::vector<uint8_t> computed = value();
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), computed.begin(), computed.end());
  };
  if (!password.empty()) {
    append({0x00, 0x08, 0x00, 0x14}, 20, [&] {
      std::vector<uint8_t> hmac(20);
      HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), bytes.data(),
           bytes.size(), hmac.data(), nullptr);
      return hmac;
    });
  }
  append({0x80, 0x28, 0x00, 0x04}, 4, [&] {
    const uint32_t crc = SlowCrc32(bytes) ^ 0x5354554E;
    return std::vector<uint8_t>{static_cast<uint8_t>(crc >> 24), static_cast<uint8_t>(crc >> 16),
                                static_cast<uint8_t>(crc >> 8), static_cast<uint8_t>(crc)};
  });
  return bytes;
}

class SessionTest : public ::testing::Test {
 protected:
  // A check as a controlling client makes it.
  struct Check {
    Credentials credentials = kFirst;
    uint32_t priority = kHigh;
    bool use_candidate = false;
    std::optional<uint32_t> nomination = std::nullopt;
  };

  static StunBytes Encode(const Check& check) {
    return BuildBindingRequest({.transaction_id = {1, 2, 3},
                                .username = check.credentials.ufrag + ":them",
                                .priority = check.priority,
                                .ice_controlling = 99,
                                .use_candidate = check.use_candidate,
                                .nomination = check.nomination},
                               check.credentials.password);
  }

  void Receive(const Path& path, absl::Span<const uint8_t> message) {
    session_.HandleStun(clock_.Now(), path, message);
    Take();
  }
  void Receive(const Path& path, const Check& check) { Receive(path, Encode(check)); }
  void ReceiveTraffic(const Path& path) {
    session_.HandleAuthenticatedTraffic(clock_.Now(), path);
    Take();
  }
  void Restart(const Credentials& credentials) {
    session_.Restart(credentials);
    Take();
  }
  // Lets time pass, keeping to the session's own deadlines.
  void Advance(absl::Duration duration) {
    const Timestamp end = clock_.Now() + duration;
    while (session_.NextTimeout() <= end) {
      ASSERT_GE(session_.NextTimeout(), clock_.Now()) << "a deadline in the past never ends";
      clock_.AdvanceTo(session_.NextTimeout());
      session_.HandleTimeout(clock_.Now());
      Take();
    }
    clock_.AdvanceTo(end);
  }

  void Take() {
    while (std::optional<Output> output = session_.PollOutput()) {
      outputs_.push_back(*std::move(output));
    }
  }
  template <typename T>
  std::vector<T> All() const {
    std::vector<T> found;
    for (const Output& output : outputs_) {
      if (const T* const wanted = std::get_if<T>(&output)) {
        found.push_back(*wanted);
      }
    }
    return found;
  }
  // The error code of the last answer, 200 for success, 0 without an answer.
  int LastAnswer() const {
    const std::vector<SendStun> sent = All<SendStun>();
    if (sent.empty()) {
      return 0;
    }
    const auto view = StunMessageView::Parse(sent.back().message);
    return view->message_class() == StunClass::kSuccess ? 200 : *view->error_code();
  }

  SimulatedClock clock_;
  Session session_{kFirst, {}};
  std::vector<Output> outputs_;
};

TEST_F(SessionTest, AnswersAValidCheckByTheSamePath) {
  Receive(kHome, Check{});
  const std::vector<SendStun> sent = All<SendStun>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].path, kHome);
  const auto view = StunMessageView::Parse(sent[0].message);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->message_class(), StunClass::kSuccess);
  EXPECT_EQ(view->xor_mapped_address(), kHome.remote);
  EXPECT_EQ(view->CheckIntegrity(kFirst.password), IntegrityResult::kCorrect);
  EXPECT_TRUE(std::holds_alternative<SendStun>(outputs_[0])) << "the answer comes first";
}

// The acceptance order of [ICE-2].

TEST_F(SessionTest, IndicationsAreSilentKeepAlives) {
  StunBytes message = Encode({});
  message[1] = 0x11;  // The fingerprint is wrong now, and nobody looks.
  Receive(kHome, message);
  EXPECT_TRUE(outputs_.empty());
  EXPECT_EQ(session_.counters().indications, 1u);
}

TEST_F(SessionTest, ResponsesAndOtherMethodsAreDropped) {
  Receive(kHome, BuildBindingSuccess({}, kHome.remote, kFirst.password));
  StunBytes allocate = Encode({});
  allocate[1] = 0x03;
  Receive(kHome, allocate);
  EXPECT_TRUE(outputs_.empty());
  EXPECT_EQ(session_.counters().dropped_not_a_request, 2u);
}

TEST_F(SessionTest, AWrongOrMissingFingerprintIsNeverAnswered) {
  StunBytes wrong = Encode({});
  wrong.back() ^= 1;
  Receive(kHome, wrong);
  StunBytes missing = Encode({});
  missing.resize(missing.size() - 8);
  missing[3] = static_cast<uint8_t>(missing[3] - 8);
  Receive(kHome, missing);
  EXPECT_TRUE(outputs_.empty());
  EXPECT_EQ(session_.counters().dropped_bad_fingerprint, 2u);
}

TEST_F(SessionTest, WithoutUsernameOrIntegrityTheRequestIsBad) {
  Receive(kHome, Compose(kPriority + kControlling, kFirst.password));
  EXPECT_EQ(LastAnswer(), 400);
  outputs_.clear();
  Receive(kHome, Compose(kUsername + kPriority + kControlling, {}));
  EXPECT_EQ(LastAnswer(), 400);
  EXPECT_EQ(session_.counters().answered_bad_request, 2u);
  EXPECT_FALSE(session_.IsKnown(kHome));
}

TEST_F(SessionTest, AnAnswerLongerThanTheRequestIsNotGiven) {
  Receive(kHome, Compose({}, {}));
  EXPECT_TRUE(outputs_.empty());
  EXPECT_EQ(session_.counters().dropped_error_budget, 1u);
}

TEST_F(SessionTest, UnknownRequiredAttributesAreNamedOnlyToWhoKnowsThePassword) {
  const std::string attributes = kUsername + kPriority + kControlling + "7fff0000";
  Receive(kHome, Compose(attributes, "guess"));
  EXPECT_EQ(LastAnswer(), 401);
  Receive(kHome, Compose(attributes, kFirst.password));
  EXPECT_EQ(LastAnswer(), 420);
  EXPECT_EQ(session_.state(), Session::State::kNew);
}

TEST_F(SessionTest, WithoutPriorityTheRequestIsBad) {
  Receive(kHome, Compose(kUsername + kControlling, kFirst.password));
  EXPECT_EQ(LastAnswer(), 400);
  EXPECT_EQ(session_.state(), Session::State::kNew);
}

TEST_F(SessionTest, ComposedRequestsAreValidOtherwise) {
  Receive(kHome, Compose(kUsername + kPriority + kControlling, kFirst.password));
  EXPECT_EQ(LastAnswer(), 200);
}

TEST_F(SessionTest, AnUnknownUfragOrAWrongPasswordIsUnauthenticated) {
  Receive(kHome, Check{.credentials = {.ufrag = "AAother", .password = kFirst.password}});
  EXPECT_EQ(LastAnswer(), 401);
  outputs_.clear();
  Receive(kHome, Check{.credentials = {.ufrag = kFirst.ufrag, .password = "guess"}});
  EXPECT_EQ(LastAnswer(), 401);
  EXPECT_EQ(session_.counters().answered_unauthenticated, 2u);
  EXPECT_EQ(session_.state(), Session::State::kNew);
  EXPECT_FALSE(session_.IsKnown(kHome));
}

TEST_F(SessionTest, ErrorsToStrangersNeverAmplifyAndHaveABudget) {
  const StunBytes request = Encode({.credentials = {.ufrag = "AAother", .password = "guess"}});
  for (int i = 0; i < 1000; ++i) {
    Receive(kHome, request);
  }
  EXPECT_EQ(All<SendStun>().size(), 20u);
  EXPECT_EQ(session_.counters().dropped_error_budget, 980u);
  for (const SendStun& sent : All<SendStun>()) {
    EXPECT_LE(sent.message.size(), request.size());
  }
}

TEST_F(SessionTest, APeerThatThinksItIsControlledIsTold487) {
  // RFC 5769 §2.1 carries ICE-CONTROLLED.
  const std::string bytes = absl::HexStringToBytes(
      "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
      "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
      "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf");
  const std::vector<uint8_t> request(bytes.begin(), bytes.end());
  session_.Restart({.ufrag = "evtj", .password = "VOkJxbRl1RmTxUk/WvJxBt"});
  Receive(kHome, request);
  EXPECT_EQ(LastAnswer(), 487);
  EXPECT_EQ(session_.state(), Session::State::kNew);

  // Any flipped bit before FINGERPRINT: silence or 401, never 487 or success.
  for (size_t bit = 0; bit < (request.size() - 8) * 8; ++bit) {
    std::vector<uint8_t> flipped = request;
    flipped[bit / 8] = static_cast<uint8_t>(flipped[bit / 8] ^ 1 << bit % 8);
    outputs_.clear();
    clock_.Advance(absl::Seconds(1));  // Or the error budget would hide wrong answers.
    Receive(kHome, flipped);
    EXPECT_TRUE(LastAnswer() == 0 || LastAnswer() == 401) << "bit " << bit;
  }
}

// Nomination, [ICE-6] and [ICE-7].

TEST_F(SessionTest, TheFirstValidPathIsUsableBeforeNomination) {
  Receive(kHome, Check{});
  EXPECT_EQ(session_.state(), Session::State::kConnected);
  const auto selected = All<PathSelected>();
  ASSERT_EQ(selected.size(), 1u);
  EXPECT_EQ(selected[0].path, kHome);
  EXPECT_FALSE(selected[0].nominated);
  ASSERT_EQ(All<PathAdded>().size(), 1u);
}

TEST_F(SessionTest, TheFirstNominationWinsWhateverItsPriority) {
  Receive(kHome, Check{.priority = kHigh});
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kMobile);
  EXPECT_EQ(session_.state(), Session::State::kCompleted);
  EXPECT_TRUE(All<PathSelected>().back().nominated);
}

TEST_F(SessionTest, NominatingTheUsedPathIsSaidOnce) {
  Receive(kHome, Check{});
  for (int i = 0; i < 5; ++i) {
    Receive(kHome, Check{.use_candidate = true});
  }
  const auto selected = All<PathSelected>();
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_TRUE(selected[1].nominated);
  EXPECT_EQ(session_.counters().path_changes, 0u);
}

TEST_F(SessionTest, AnotherNominationMovesWithAtLeastEqualPriority) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Receive(kMobile, Check{.priority = kHigh, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kMobile);
  EXPECT_EQ(session_.counters().path_changes, 1u);
}

TEST_F(SessionTest, AFlipToALowerPriorityIsRefused) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kHome);
  EXPECT_EQ(session_.counters().nominations_refused, 1u);
}

TEST_F(SessionTest, ASilentPathLosesToANominationElsewhere) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  clock_.Advance(absl::Milliseconds(999));
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kHome);
  clock_.Advance(absl::Milliseconds(1));
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kMobile);
}

TEST_F(SessionTest, ARefusedNominationIsHonouredOnceMediaArrivesThere) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(session_.selected_path(), kHome);
    clock_.Advance(absl::Milliseconds(100));
    ReceiveTraffic(kHome);
    ReceiveTraffic(kMobile);
  }
  EXPECT_EQ(session_.selected_path(), kMobile);
}

TEST_F(SessionTest, ThreePacketsFarApartAreNotAMove) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(absl::Milliseconds(300));
    ReceiveTraffic(kHome);
    ReceiveTraffic(kMobile);
  }
  EXPECT_EQ(session_.selected_path(), kHome);
}

TEST_F(SessionTest, ARefusedNominationIsHonouredWhenTheSelectedPathFallsSilent) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Receive(kMobile, Check{.priority = kLow, .use_candidate = true});
  clock_.Advance(absl::Seconds(1));
  Receive(kMobile, Check{.priority = kLow});
  EXPECT_EQ(session_.selected_path(), kMobile);
}

TEST_F(SessionTest, MediaAloneNeverMoves) {
  Receive(kHome, Check{.use_candidate = true});
  Receive(kMobile, Check{});
  clock_.Advance(absl::Seconds(2));
  for (int i = 0; i < 10; ++i) {
    ReceiveTraffic(kMobile);
  }
  EXPECT_EQ(session_.selected_path(), kHome);
}

TEST_F(SessionTest, TrafficByAnUnknownPathMeansNothing) {
  Receive(kHome, Check{.use_candidate = true});
  clock_.Advance(absl::Seconds(9));
  for (int i = 0; i < 10; ++i) {
    ReceiveTraffic(kMobile);
  }
  Advance(absl::Seconds(1));
  EXPECT_EQ(All<Disconnected>().size(), 1u);
  EXPECT_FALSE(session_.IsKnown(kMobile));
}

TEST_F(SessionTest, TheRenominationCounterDecidesOverPriority) {
  Receive(kHome, Check{.priority = kHigh, .nomination = 1});
  EXPECT_EQ(session_.state(), Session::State::kCompleted);
  Receive(kMobile, Check{.priority = kLow, .nomination = 2});
  EXPECT_EQ(session_.selected_path(), kMobile);
  Receive(kHome, Check{.priority = kHigh, .nomination = 1});
  EXPECT_EQ(session_.selected_path(), kMobile) << "an old nomination, overtaken";
  Receive(kHome, Check{.priority = kHigh, .nomination = 2});
  EXPECT_EQ(session_.selected_path(), kMobile) << "the same number does not move";
  Receive(kHome, Check{.priority = kHigh, .nomination = 3});
  EXPECT_EQ(session_.selected_path(), kHome);
}

// Paths, [ICE-5] and [ICE-15].

TEST_F(SessionTest, RoamingToANewAddressNeedsNoRestart) {
  Receive(kHome, Check{.use_candidate = true});
  clock_.Advance(absl::Seconds(3));
  Path rebound = kHome;
  rebound.remote = kHome.remote.WithPort(41'111);
  Receive(rebound, Check{.use_candidate = true});
  EXPECT_EQ(session_.selected_path(), rebound);
  EXPECT_EQ(session_.counters().path_changes, 1u);
}

TEST_F(SessionTest, TheSameRemoteByAnotherSocketIsAnotherPath) {
  Receive(kHome, Check{});
  Path other_socket = kHome;
  other_socket.local_socket = 1;
  Receive(other_socket, Check{.use_candidate = true});
  EXPECT_EQ(session_.selected_path(), other_socket);
  EXPECT_EQ(All<PathAdded>().size(), 2u);
}

TEST_F(SessionTest, TheLeastRecentlyHeardPathIsEvictedButNeverTheSelectedOne) {
  const auto path = [](uint16_t port) {
    Path result = kHome;
    result.remote = kHome.remote.WithPort(port);
    return result;
  };
  Receive(path(1), Check{.use_candidate = true});  // Selected, and the oldest.
  for (uint16_t port = 2; port <= 8; ++port) {
    clock_.Advance(absl::Milliseconds(1));
    Receive(path(port), Check{.priority = kLow});
  }
  ReceiveTraffic(path(2));
  EXPECT_TRUE(All<PathRemoved>().empty());
  Receive(path(9), Check{.priority = kLow});
  const auto removed = All<PathRemoved>();
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_EQ(removed[0].path, path(3));
  EXPECT_EQ(session_.selected_path(), path(1));
  EXPECT_EQ(session_.counters().paths_evicted, 1u);
}

TEST_F(SessionTest, AKnownPathHasARateLimit) {
  for (int i = 0; i < 1000; ++i) {
    Receive(kHome, Check{});
  }
  EXPECT_EQ(session_.counters().checks_answered, 101u) << "the first one made the path known";
  EXPECT_EQ(session_.counters().dropped_rate_limited, 899u);
  clock_.Advance(absl::Milliseconds(100));
  outputs_.clear();
  for (int i = 0; i < 100; ++i) {
    Receive(kHome, Check{});
  }
  EXPECT_EQ(All<SendStun>().size(), 10u);
}

TEST_F(SessionTest, ASilentPathIsForgottenAndTheLivingOneTakesOver) {
  Receive(kHome, Check{.use_candidate = true});
  Receive(kMobile, Check{.priority = kLow});
  for (int i = 0; i < 29; ++i) {
    Advance(absl::Seconds(1));
    ReceiveTraffic(kMobile);
  }
  EXPECT_EQ(session_.selected_path(), kHome);
  Advance(absl::Seconds(1));
  EXPECT_EQ(session_.selected_path(), kMobile);
  EXPECT_FALSE(session_.IsKnown(kHome));
  EXPECT_TRUE(All<ConsentLost>().empty());
}

// Liveness, [ICE-8] and [ICE-9].

TEST_F(SessionTest, ArmsNothingBeforeTheFirstCheck) {
  EXPECT_EQ(session_.NextTimeout(), Timestamp::Never());
  EXPECT_FALSE(session_.last_authenticated());
  EXPECT_FALSE(session_.selected_path());
}

TEST_F(SessionTest, SilenceDisconnectsAtTenSecondsAndEndsConsentAtThirty) {
  Receive(kHome, Check{.use_candidate = true});
  Advance(absl::Milliseconds(9'999));
  EXPECT_TRUE(All<Disconnected>().empty());
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(All<Disconnected>().size(), 1u);
  EXPECT_EQ(session_.state(), Session::State::kDisconnected);
  EXPECT_EQ(session_.selected_path(), kHome) << "still allowed to send";
  Advance(absl::Milliseconds(19'999));
  EXPECT_TRUE(All<ConsentLost>().empty());
  Advance(absl::Milliseconds(1));
  EXPECT_EQ(All<ConsentLost>().size(), 1u);
  EXPECT_EQ(All<PathRemoved>().size(), 1u);
  EXPECT_EQ(session_.state(), Session::State::kClosed);
  EXPECT_FALSE(session_.selected_path());
  EXPECT_EQ(session_.NextTimeout(), Timestamp::Never());
}

TEST_F(SessionTest, TrafficKeepsConsentAsWellAsChecksDo) {
  Receive(kHome, Check{.use_candidate = true});
  for (int i = 0; i < 60; ++i) {
    Advance(absl::Seconds(9));
    ReceiveTraffic(kHome);
  }
  EXPECT_EQ(session_.state(), Session::State::kCompleted);
  EXPECT_TRUE(All<Disconnected>().empty());
}

TEST_F(SessionTest, ALateCheckRecovers) {
  Receive(kHome, Check{.use_candidate = true});
  Advance(absl::Seconds(15));
  Receive(kHome, Check{});
  EXPECT_EQ(All<Recovered>().size(), 1u);
  EXPECT_EQ(session_.state(), Session::State::kCompleted);
  Advance(absl::Seconds(10));
  EXPECT_EQ(All<Disconnected>().size(), 2u);
}

TEST_F(SessionTest, WrongChecksDoNotKeepConsent) {
  Receive(kHome, Check{.use_candidate = true});
  for (int i = 0; i < 30; ++i) {
    Advance(absl::Seconds(1));
    Receive(kHome, Check{.credentials = {.ufrag = kFirst.ufrag, .password = "guess"}});
  }
  EXPECT_EQ(All<ConsentLost>().size(), 1u);
}

TEST_F(SessionTest, AfterConsentIsLostOnlyARestartRevives) {
  Receive(kHome, Check{.use_candidate = true});
  Advance(absl::Seconds(30));
  outputs_.clear();
  Receive(kHome, Check{});
  EXPECT_TRUE(outputs_.empty());
  EXPECT_EQ(session_.counters().dropped_closed, 1u);

  Restart(kSecond);
  EXPECT_EQ(All<UfragRetired>().size(), 1u);
  Receive(kHome, Check{.credentials = kSecond, .use_candidate = true});
  EXPECT_EQ(session_.state(), Session::State::kCompleted);
  EXPECT_EQ(session_.selected_path(), kHome);
}

// Restart, [ICE-14].

TEST_F(SessionTest, OldCredentialsWorkUntilFiveSecondsAfterTheFirstNewCheck) {
  Receive(kHome, Check{.use_candidate = true});
  Restart(kSecond);
  Advance(absl::Seconds(8));
  Receive(kHome, Check{});
  EXPECT_EQ(LastAnswer(), 200);

  Receive(kHome, Check{.credentials = kSecond});
  Advance(absl::Milliseconds(4'999));
  Receive(kHome, Check{});
  EXPECT_EQ(LastAnswer(), 200);
  EXPECT_TRUE(All<UfragRetired>().empty());
  Advance(absl::Milliseconds(1));
  ASSERT_EQ(All<UfragRetired>().size(), 1u);
  EXPECT_EQ(All<UfragRetired>()[0].ufrag, kFirst.ufrag);
  Receive(kHome, Check{});
  EXPECT_EQ(LastAnswer(), 401);
}

TEST_F(SessionTest, TheSelectedPathStaysUntilTheNewGenerationNominates) {
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  Restart(kSecond);
  Receive(kMobile, Check{.credentials = kSecond, .priority = kLow});
  EXPECT_EQ(session_.selected_path(), kHome);
  Receive(kMobile, Check{.credentials = kSecond, .priority = kLow, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kMobile) << "first of its generation";
  Receive(kHome, Check{.priority = kHigh, .use_candidate = true});
  EXPECT_EQ(session_.selected_path(), kMobile) << "nominated with the old credentials";
}

TEST_F(SessionTest, TheRenominationCounterStartsAnewWithAGeneration) {
  Receive(kHome, Check{.nomination = 17});
  Restart(kSecond);
  Receive(kMobile, Check{.credentials = kSecond, .nomination = 1});
  EXPECT_EQ(session_.selected_path(), kMobile);
}

TEST_F(SessionTest, AnswersAreSignedWithTheCredentialsTheyWereAskedWith) {
  Receive(kHome, Check{});
  Restart(kSecond);
  Receive(kHome, Check{.credentials = kSecond});
  const auto sent = All<SendStun>();
  EXPECT_EQ(StunMessageView::Parse(sent[0].message)->CheckIntegrity(kFirst.password),
            IntegrityResult::kCorrect);
  EXPECT_EQ(StunMessageView::Parse(sent[1].message)->CheckIntegrity(kSecond.password),
            IntegrityResult::kCorrect);
}

TEST_F(SessionTest, TwoRestartsInARowKeepTheCredentialsInUse) {
  Receive(kHome, Check{});
  Restart(kSecond);
  Restart(kThird);
  ASSERT_EQ(All<UfragRetired>().size(), 1u);
  EXPECT_EQ(All<UfragRetired>()[0].ufrag, kSecond.ufrag);
  Receive(kHome, Check{});
  EXPECT_EQ(LastAnswer(), 200);
  Receive(kHome, Check{.credentials = kThird});
  EXPECT_EQ(LastAnswer(), 200);
}

}  // namespace
}  // namespace sfu::ice

// Whole calls on virtual time: clients, a controller's rooms and a worker, over links that lose and
// reorder. A failure prints the seed, which is all that is needed to see it again.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/log/log.h"
#include "tests/simulation/random_call.h"
#include "tests/support/simulated_conference.h"

namespace sfu {
namespace {

using rtp::MediaKind;
using testing::IsEmpty;

TEST(RoomSimulationTest, TwoClientsHearEachOther) {
  for (const bool single : {false, true}) {
    SCOPED_TRACE(single ? "one connection" : "two connections");
    SimulatedConference conference({.seed = 1});
    const size_t alice = conference.Join({.single_connection = single});
    const size_t bob = conference.Join({.single_connection = single});
    conference.RunFor(absl::Seconds(2));
    const uint32_t of_alice = conference.Publish(alice, MediaKind::kAudio);
    const uint32_t of_bob = conference.Publish(bob, MediaKind::kAudio);
    conference.RunFor(absl::Seconds(5));

    conference.CheckViews();
    conference.CheckMediaFlows();
    conference.CheckStreams(/*lossless=*/true);
    EXPECT_THAT(conference.breaches(), IsEmpty());
    for (const auto& [client, track] : {std::pair(bob, of_alice), std::pair(alice, of_bob)}) {
      const VirtualReception* const heard = conference.FindReception(client, track);
      ASSERT_NE(heard, nullptr);
      EXPECT_GT(heard->packets().size(), 220u);
    }

    conference.Leave(alice);
    conference.Leave(bob);
    conference.RunFor(absl::Seconds(90));
    conference.CheckEmpty();
    EXPECT_THAT(conference.breaches(), IsEmpty());
  }
}

// The signal connection is one thing, media another: a client that loses the first misses no
// packet.
TEST(RoomSimulationTest, ACutSignalConnectionCostsNoMedia) {
  for (const bool single : {false, true}) {
    SCOPED_TRACE(single ? "one connection" : "two connections");
    SimulatedConference conference({.seed = 3});
    const size_t alice = conference.Join({.single_connection = single});
    const size_t bob = conference.Join({.single_connection = single});
    conference.RunFor(absl::Seconds(2));
    const uint32_t of_alice = conference.Publish(alice, MediaKind::kVideo);
    conference.RunFor(absl::Seconds(2));
    ASSERT_TRUE(conference.CutSignal(alice, absl::Milliseconds(20), absl::Milliseconds(300)));
    ASSERT_TRUE(conference.CutSignal(bob, absl::Seconds(30), absl::Seconds(4)));
    const uint32_t meanwhile = conference.Publish(alice, MediaKind::kAudio);
    conference.RunFor(absl::Seconds(10));

    conference.CheckViews();
    conference.CheckMediaFlows();
    conference.CheckStreams(/*lossless=*/true);
    EXPECT_THAT(conference.breaches(), IsEmpty());
    EXPECT_NE(conference.FindReception(bob, of_alice), nullptr);
    EXPECT_NE(conference.FindReception(bob, meanwhile), nullptr);
    EXPECT_EQ(conference.room(0).counters().sessions_resumed, 2u);
    EXPECT_EQ(conference.room(0).counters().sessions_failed, 0u);
  }
}

TEST(RoomSimulationTest, VideoComesInTheQualityAskedFor) {
  SimulatedConference conference({.seed = 2});
  const size_t alice = conference.Join({});
  const size_t bob = conference.Join({});
  const size_t carol = conference.Join({.single_connection = true});
  conference.RunFor(absl::Seconds(2));
  const uint32_t video = conference.Publish(alice, MediaKind::kVideo);
  conference.RunFor(absl::Seconds(3));
  using livekit::VideoQuality;
  for (const VideoQuality quality :
       {VideoQuality::LOW, VideoQuality::HIGH, VideoQuality::MEDIUM, VideoQuality::HIGH}) {
    conference.SetQuality(bob, video, quality);
    conference.RunFor(absl::Seconds(3));
    const VirtualReception* const of_bob = conference.FindReception(bob, video);
    const VirtualReception* const of_carol = conference.FindReception(carol, video);
    ASSERT_NE(of_bob, nullptr);
    ASSERT_NE(of_carol, nullptr);
    EXPECT_EQ(of_bob->packets().rbegin()->second.mark.layer, static_cast<int>(quality));
    EXPECT_EQ(of_carol->packets().rbegin()->second.mark.layer, 2);
  }
  conference.CheckStreams(/*lossless=*/true);
  conference.CheckMediaFlows();
  EXPECT_THAT(conference.breaches(), IsEmpty());
}

// Clients set their first offer only when the answer is there, and know no candidates until then;
// whoever sits behind the wrong kind of network never names one that helps.
TEST(RoomSimulationTest, Trap25_CallsNeedNoCandidatesFromClients) {
  for (const bool single : {false, true}) {
    SCOPED_TRACE(single ? "one connection" : "two connections");
    SimulatedConference conference({.seed = 3});
    const SimulatedConference::Joining silent = {.single_connection = single,
                                                 .names_candidates = false};
    const size_t alice = conference.Join(silent);
    const size_t bob = conference.Join(silent);
    conference.RunFor(absl::Seconds(2));
    EXPECT_TRUE(conference.client(alice).connected());
    EXPECT_TRUE(conference.client(bob).connected());
    conference.Publish(alice, MediaKind::kAudio);
    conference.Publish(bob, MediaKind::kVideo);
    conference.RunFor(absl::Seconds(3));

    conference.CheckViews();
    conference.CheckMediaFlows();
    EXPECT_THAT(conference.breaches(), IsEmpty());
  }
}

// The proof that nothing about where clients are leaves the path between them and us.
TEST(PrivacySimulationTest, ClientAddressesAppearNowhere) {
  constexpr uint64_t kSeed = 5;
  std::cout << "seed " << kSeed << std::endl;
  log::Configure({.level = log::Level::kDebug, .json = false});
  testing::internal::CaptureStderr();
  log::Write(log::Level::kInfo, "simulation.started");

  SimulatedConference conference(
      {.seed = kSeed, .network = {.loss = 0.05, .jitter = absl::Milliseconds(30)}});
  const std::string as_bytes = {static_cast<char>(203), 0, 113};
  std::map<std::string, int> seen;
  std::vector<std::string> hits;
  conference.SetObserver([&](std::string_view kind, const std::string& message) {
    ++seen[std::string(kind)];
    if (message.find("203.0.113.") != std::string::npos ||
        message.find(as_bytes) != std::string::npos) {
      hits.emplace_back(kind);
    }
  });
  RandomCall call(conference, {});
  call.RunFor(absl::Seconds(40));
  call.EverybodyLeaves();
  conference.RunFor(absl::Seconds(120));
  const std::string logged = testing::internal::GetCapturedStderr();

  EXPECT_THAT(conference.breaches(), IsEmpty());
  EXPECT_THAT(hits, IsEmpty());
  for (const char* kind : {"response", "command", "result", "event", "fact"}) {
    EXPECT_GT(seen[kind], 20) << kind;  // Or there was nothing to find anything in.
  }
  EXPECT_THAT(logged, testing::HasSubstr("simulation.started"));
  EXPECT_THAT(logged, testing::Not(testing::HasSubstr("203.0.113.")));
}

struct Weather {
  const char* name;
  SimulatedConference::Network network;
  bool lossless;
  uint32_t cuts_percent = 0;  // Of what happens: a signal connection breaks.

  friend void PrintTo(const Weather& weather, std::ostream* out) { *out << weather.name; }
};

// "FIRST-LAST" from SFU_SIMULATION_SEEDS, which tools/soak sets; the few that every run tries
// otherwise.
std::vector<uint64_t> Seeds() {
  uint64_t first = 1;
  uint64_t last = 4;
  if (const char* const wanted = std::getenv("SFU_SIMULATION_SEEDS")) {
    const std::vector<std::string> parts = absl::StrSplit(wanted, '-');
    SFU_CHECK(parts.size() == 2 && absl::SimpleAtoi(parts[0], &first) &&
              absl::SimpleAtoi(parts[1], &last) && first <= last);
  }
  std::vector<uint64_t> seeds(last - first + 1);
  std::iota(seeds.begin(), seeds.end(), first);
  return seeds;
}

class RandomCallTest : public testing::TestWithParam<std::tuple<uint64_t, Weather>> {};

TEST_P(RandomCallTest, KeepsItsPromises) {
  const auto& [seed, weather] = GetParam();
  constexpr size_t kRooms = 2;
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << weather.name);
  std::cout << "seed " << seed << ", " << weather.name << std::endl;

  SimulatedConference conference({.seed = seed, .rooms = kRooms, .network = weather.network});
  RandomCall call(conference, {.rooms = kRooms, .cuts_percent = weather.cuts_percent});
  call.RunFor(absl::Seconds(40));
  ASSERT_THAT(conference.breaches(), IsEmpty());

  // The network heals, and everybody wants everything.
  if (!weather.lossless) {
    conference.SetNetwork({});
  }
  // Long enough for those who went without a word to be missed, and for everybody else to be back.
  conference.RunFor(absl::Seconds(25));
  call.EndPauses();
  conference.RunFor(absl::Seconds(8));
  conference.CheckViews();
  conference.CheckMediaFlows();
  conference.CheckStreams(weather.lossless);
  EXPECT_THAT(conference.breaches(), IsEmpty());
  EXPECT_THAT(call.CheckData(), IsEmpty());
  EXPECT_GT(conference.packets_received(), 1000u);
  EXPECT_EQ(weather.cuts_percent > 0, call.actions().contains("cut"));

  call.EverybodyLeaves();
  conference.RunFor(absl::Seconds(120));
  conference.CheckEmpty();
  EXPECT_THAT(conference.breaches(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, RandomCallTest,
    testing::Combine(
        testing::ValuesIn(Seeds()),
        testing::Values(
            Weather{"Fair", {}, true},
            Weather{"Rain", {.loss = 0.05, .jitter = absl::Milliseconds(30)}, false},
            Weather{"Storm", {.loss = 0.1, .jitter = absl::Milliseconds(10)}, false},
            Weather{"FairWithCuts", {}, true, 15},
            Weather{"RainWithCuts", {.loss = 0.05, .jitter = absl::Milliseconds(30)}, false, 15})),
    [](const auto& instance) {
      return std::string(std::get<1>(instance.param).name) +
             std::to_string(std::get<0>(instance.param));
    });

}  // namespace
}  // namespace sfu

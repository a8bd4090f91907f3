// Whole calls on virtual time: clients, a controller's rooms and a worker, over links that lose and
// reorder. A failure prints the seed, which is all that is needed to see it again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/simulated_conference.h"

namespace sfu {
namespace {

using rtp::MediaKind;
using testing::IsEmpty;

TEST(RoomSimulationTest, TwoClientsHearEachOther) {
  SimulatedConference conference({.seed = 1});
  const size_t alice = conference.Join({});
  const size_t bob = conference.Join({});
  conference.RunFor(absl::Seconds(2));
  const uint32_t voice = conference.Publish(alice, MediaKind::kAudio);
  conference.RunFor(absl::Seconds(5));

  conference.CheckViews();
  conference.CheckMediaFlows();
  conference.CheckStreams(/*lossless=*/true);
  EXPECT_THAT(conference.breaches(), IsEmpty());
  const VirtualReception* const heard = conference.FindReception(bob, voice);
  ASSERT_NE(heard, nullptr);
  EXPECT_GT(heard->packets().size(), 200u);

  conference.Leave(alice);
  conference.Leave(bob);
  conference.RunFor(absl::Seconds(90));
  conference.CheckEmpty();
  EXPECT_THAT(conference.breaches(), IsEmpty());
}

}  // namespace
}  // namespace sfu

#include "worker/room/active_speakers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::mediaroom {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ParticipantHandle kAlice(1), kBob(2);

TEST(ActiveSpeakersTest, TellsLoudestFirstInStepsOfAnEighth) {
  ActiveSpeakers speakers;
  EXPECT_THAT(speakers.Update({{kAlice, 0.01}, {kBob, 0.51}}),
              ElementsAre(Speaker{kBob, 0.625f, true}, Speaker{kAlice, 0.125f, true}));
}

TEST(ActiveSpeakersTest, IsSilentWhileNothingChanges) {
  ActiveSpeakers speakers;
  speakers.Update({{kAlice, 0.30}});
  EXPECT_THAT(speakers.Update({{kAlice, 0.31}}), IsEmpty());
}

TEST(ActiveSpeakersTest, TellsOnceOfThoseWhoFellSilentOrLeft) {
  ActiveSpeakers speakers;
  speakers.Update({{kAlice, 0.3}, {kBob, 0.3}});
  EXPECT_THAT(speakers.Update({{kAlice, 0}}),
              ElementsAre(Speaker{kAlice, 0, false}, Speaker{kBob, 0, false}));
  EXPECT_THAT(speakers.Update({}), IsEmpty());
}

}  // namespace
}  // namespace sfu::mediaroom

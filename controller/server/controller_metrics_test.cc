#include "controller/server/controller_metrics.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace sfu::server {
namespace {

using ::testing::HasSubstr;

class FixedClock : public Clock {
 public:
  Timestamp Now() const override { return Timestamp::FromMicros(1); }
  absl::Time WallNow() const override { return absl::FromUnixSeconds(1000); }
};

class ControllerMetricsTest : public ::testing::Test {
 protected:
  std::string Text() const { return prometheus::TextSerializer().Serialize(metrics_.Collect()); }

  FixedClock clock_;
  ControllerMetrics metrics_{clock_};
};

TEST_F(ControllerMetricsTest, RoomsParticipantsAndTracksComeAndGo) {
  livekit::Room room;
  room.set_creation_time(1000 - 70);
  metrics_.HandleRoomStarted(room);
  metrics_.HandleRoomStarted(room);
  metrics_.HandleFact(room, room::ParticipantJoined());
  metrics_.HandleFact(room, room::ParticipantJoined());
  room::TrackPublished published;
  published.track.set_type(livekit::VIDEO);
  metrics_.HandleFact(room, published);
  std::string text = Text();
  EXPECT_THAT(text, HasSubstr("livekit_room_total 2\n"));
  EXPECT_THAT(text, HasSubstr("livekit_participant_total 2\n"));
  EXPECT_THAT(text, HasSubstr("livekit_track_published_total{kind=\"VIDEO\"} 1\n"));

  room::TrackUnpublished unpublished;
  unpublished.track.set_type(livekit::VIDEO);
  metrics_.HandleFact(room, unpublished);
  metrics_.HandleFact(room, room::ParticipantLeft());
  metrics_.HandleRoomFinished(room);
  text = Text();
  EXPECT_THAT(text, HasSubstr("livekit_room_total 1\n"));
  EXPECT_THAT(text, HasSubstr("livekit_participant_total 1\n"));
  EXPECT_THAT(text, HasSubstr("livekit_track_published_total{kind=\"VIDEO\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livekit_room_duration_seconds_bucket{le=\"60\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livekit_room_duration_seconds_bucket{le=\"300\"} 1\n"));
}

TEST_F(ControllerMetricsTest, ApiCallsAreCountedByTheirOutcome) {
  metrics_.HandleApiCall("RoomService", "ListRooms", 200, "", absl::Milliseconds(7));
  metrics_.HandleApiCall("RoomService", "ListRooms", 401, "unauthenticated", absl::Milliseconds(1));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("livekit_node_twirp_request_status{service=\"RoomService\","
                              "method=\"ListRooms\",status=\"200\",code=\"\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("status=\"4xx\",code=\"unauthenticated\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("livekit_node_twirp_request_latency_ms_bucket{service="
                "\"RoomService\",method=\"ListRooms\",status=\"200\",code=\"\",le=\"10\"} 1"));
}

TEST_F(ControllerMetricsTest, SignalMessagesAreCountedByDirectionAndOutcome) {
  metrics_.HandleRequest(true);
  metrics_.HandleRequest(false);
  metrics_.HandleResponse(livekit::SignalResponse::kAnswer, true);
  metrics_.HandleResponse(livekit::SignalResponse::kOffer, false);
  const std::string text = Text();
  for (const char* direction : {"request", "response"}) {
    for (const char* status : {"success", "failure"}) {
      EXPECT_THAT(text, HasSubstr(std::string("livekit_node_messages{type=\"signal\",status=\"") +
                                  status + "\",direction=\"" + direction + "\"} 1\n"));
    }
  }
  EXPECT_THAT(text, HasSubstr("livekit_node_service_operation{type=\"answer\",status=\"success\","
                              "error_type=\"\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{type=\"offer\",status=\"error\",error_type=\"write_message\"} 1"));
}

}  // namespace
}  // namespace sfu::server

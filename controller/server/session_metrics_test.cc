#include "controller/server/session_metrics.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace sfu::server {
namespace {

using actor::PublishMilestone;
using actor::SessionMilestone;
using actor::SubscribeMilestone;
using ::testing::HasSubstr;
using ::testing::Not;

class SessionMetricsTest : public ::testing::Test {
 protected:
  std::string Text() const {
    std::vector<prometheus::MetricFamily> families;
    metrics_.Collect(families);
    return prometheus::TextSerializer().Serialize(families);
  }

  SessionMetrics metrics_;
};

TEST_F(SessionMetricsTest, ASessionIsFollowedFromItsRequestToItsEnd) {
  using Outcome = http::SignalObserver::JoinOutcome;
  metrics_.HandleJoin(Outcome::kConnected, 16, absl::Milliseconds(12));
  metrics_.HandleMilestone(
      SessionMilestone{.step = SessionMilestone::Step::kAdmitted, .protocol = 16});
  metrics_.HandleMilestone(SessionMilestone{
      .step = SessionMilestone::Step::kActive, .protocol = 16, .elapsed = absl::Milliseconds(150)});
  metrics_.HandleMilestone(SessionMilestone{
      .step = SessionMilestone::Step::kEnded, .protocol = 16, .elapsed = absl::Minutes(3)});
  const std::string text = Text();
  for (const char* state : {"signal_connected", "rtc_init", "rtc_connected", "rtc_active"}) {
    EXPECT_THAT(text, HasSubstr(std::string("livekit_participant_join_total{state=\"") + state +
                                "\",warp=\"\"} 1\n"));
  }
  EXPECT_THAT(text, HasSubstr("{state=\"rtc_success\",warp=\"false\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("livekit_session_join_latency_ms_sum{protocol_version=\"16\"} 12\n"));
  EXPECT_THAT(text, HasSubstr("livekit_session_start_time_ms_sum{protocol_version=\"16\","
                              "warp=\"false\"} 150\n"));
  EXPECT_THAT(text, HasSubstr("livekit_session_duration_ms_sum{protocol_version=\"16\"} 180000\n"));
}

TEST_F(SessionMetricsTest, WhatAClientSaysOfItselfMakesNoNewSeries) {
  for (int32_t protocol = 1000; protocol < 1050; ++protocol) {
    metrics_.HandleMilestone(
        SessionMilestone{.step = SessionMilestone::Step::kActive, .protocol = protocol});
    metrics_.HandleMilestone(
        PublishMilestone{.step = PublishMilestone::Step::kSuccess,
                         .source = static_cast<livekit::TrackSource>(protocol),
                         .sdk = static_cast<livekit::ClientInfo::SDK>(protocol)});
  }
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("livekit_session_start_time_ms_count{protocol_version=\"other\","
                              "warp=\"false\"} 50\n"));
  EXPECT_THAT(text, Not(HasSubstr("1049")));
  EXPECT_THAT(text, HasSubstr("livekit_pubsubtime_ms_count{direction=\"publish\","
                              "source=\"UNKNOWN\",type=\"AUDIO\",country=\"\",sdk=\"UNKNOWN\","
                              "kind=\"STANDARD\",count=\"1\"} 50\n"));
}

TEST_F(SessionMetricsTest, SubscribedTracksComeAndGo) {
  SubscribeMilestone milestone{.step = SubscribeMilestone::Step::kAttempt, .type = livekit::VIDEO};
  metrics_.HandleMilestone(milestone);
  milestone.step = SubscribeMilestone::Step::kSuccess;
  metrics_.HandleMilestone(milestone);
  EXPECT_THAT(Text(), HasSubstr("livekit_track_subscribed_total{kind=\"VIDEO\"} 1\n"));
  milestone.step = SubscribeMilestone::Step::kEnd;
  metrics_.HandleMilestone(milestone);
  EXPECT_THAT(Text(), HasSubstr("livekit_track_subscribed_total{kind=\"VIDEO\"} 0\n"));

  milestone.step = SubscribeMilestone::Step::kFailure;
  milestone.error = livekit::SE_TRACK_NOTFOUND;
  metrics_.HandleMilestone(milestone);
  EXPECT_THAT(Text(), HasSubstr("livekit_track_subscribe_counter{state=\"failure\","
                                "error=\"track cannot be found\"} 1\n"));
}

}  // namespace
}  // namespace sfu::server

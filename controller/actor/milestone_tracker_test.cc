#include "controller/actor/milestone_tracker.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::actor {
namespace {

using ::testing::ElementsAre;

constexpr room::SessionId kAnn(1), kBob(2);
constexpr uint64_t kAnnHandle = 1, kBobHandle = 2;
constexpr uint64_t kTrack = kAnnHandle << 32 | 7;
constexpr uint64_t kTransport = kBobHandle << 32 | 1;
constexpr uint64_t kSender = kBobHandle << 32 | 9;

class Recorder : public RoomObserver {
 public:
  void HandleRoomStarted(const livekit::Room&) override {}
  void HandleRoomFinished(const livekit::Room&) override {}
  void HandleFact(const livekit::Room&, const room::RoomFact&) override {}
  void HandleMilestone(const Milestone& milestone) override {
    if (const auto* session = std::get_if<SessionMilestone>(&milestone)) {
      sessions.push_back(session->step);
    } else if (const auto* publish = std::get_if<PublishMilestone>(&milestone)) {
      publishes.push_back(publish->step);
    } else {
      subscribes.push_back(std::get<SubscribeMilestone>(milestone).step);
    }
    last = milestone;
  }

  std::vector<SessionMilestone::Step> sessions;
  std::vector<PublishMilestone::Step> publishes;
  std::vector<SubscribeMilestone::Step> subscribes;
  Milestone last;
};

class MilestoneTrackerTest : public ::testing::Test {
 protected:
  void Join(room::SessionId session, const std::string& sid, uint64_t handle) {
    livekit::ClientInfo client;
    client.set_protocol(16);
    client.set_sdk(livekit::ClientInfo::SWIFT);
    tracker_.HandleJoined(session, client);
    livekit::SignalResponse response;
    response.mutable_join()->mutable_participant()->set_sid(sid);
    tracker_.HandleResponse(now_, session, response);
    worker::v1::RoomCommand command;
    command.mutable_configure_participant()->set_participant(handle);
    command.mutable_configure_participant()->set_sid(sid);
    tracker_.HandleCommand(now_, command);
  }
  void Activate(const std::string& sid) {
    room::ParticipantJoined fact;
    fact.participant.set_sid(sid);
    tracker_.HandleFact(now_, fact);
  }
  void Leave(const std::string& sid, uint64_t handle) {
    worker::v1::RoomCommand command;
    command.mutable_remove_participant()->set_participant(handle);
    tracker_.HandleCommand(now_, command);
    room::ParticipantLeft fact;
    fact.participant.set_sid(sid);
    tracker_.HandleFact(now_, fact);
  }
  void AnnounceTrack(room::SessionId session) {
    livekit::SignalResponse response;
    *response.mutable_track_published()->mutable_track() = Track();
    tracker_.HandleResponse(now_, session, response);
  }
  void StartTrack(const std::string& sid) {
    worker::v1::RoomEvent event;
    event.mutable_track_started()->set_track(kTrack);
    tracker_.HandleWorkerEvent(now_, event);
    room::TrackPublished fact;
    fact.participant.set_sid(sid);
    fact.track = Track();
    tracker_.HandleFact(now_, fact);
  }
  static livekit::TrackInfo Track() {
    livekit::TrackInfo track;
    track.set_sid("TR_1");
    track.set_type(livekit::VIDEO);
    track.set_source(livekit::CAMERA);
    return track;
  }
  void ConfigureSenders(bool any) {
    worker::v1::RoomCommand command;
    command.mutable_configure_senders()->set_transport(kTransport);
    if (any) {
      worker::v1::Sender& sender = *command.mutable_configure_senders()->add_senders();
      sender.set_sender(kSender);
      sender.set_track(kTrack);
      sender.set_kind(worker::v1::MEDIA_KIND_VIDEO);
    }
    tracker_.HandleCommand(now_, command);
  }
  void StartSubscription() {
    worker::v1::RoomEvent event;
    event.mutable_subscription_active()->set_sender(kSender);
    tracker_.HandleWorkerEvent(now_, event);
  }
  void Advance(absl::Duration by) { now_ = now_ + by; }

  Timestamp now_ = Timestamp::FromMicros(1'000'000);
  Recorder seen_;
  MilestoneTracker tracker_{seen_};
};

TEST_F(MilestoneTrackerTest, ASessionBecomesActiveAndEnds) {
  using Step = SessionMilestone::Step;
  Join(kAnn, "PA_ann", kAnnHandle);
  Advance(absl::Milliseconds(150));
  Activate("PA_ann");
  EXPECT_EQ(std::get<SessionMilestone>(seen_.last).elapsed, absl::Milliseconds(150));
  Advance(absl::Minutes(3));
  tracker_.HandleSignalClosed(kAnn);  // Not its end: it may come back.
  Leave("PA_ann", kAnnHandle);
  EXPECT_EQ(std::get<SessionMilestone>(seen_.last).elapsed, absl::Minutes(3));
  EXPECT_EQ(std::get<SessionMilestone>(seen_.last).protocol, 16);
  EXPECT_THAT(seen_.sessions, ElementsAre(Step::kAdmitted, Step::kActive, Step::kEnded));
}

TEST_F(MilestoneTrackerTest, WhoNeverBecameActiveGaveUpOrWasLetDown) {
  using Step = SessionMilestone::Step;
  Join(kAnn, "PA_ann", kAnnHandle);
  tracker_.HandleSignalClosed(kAnn);
  Join(kBob, "PA_bob", kBobHandle);
  tracker_.HandleSessionEnded(kBob);
  EXPECT_THAT(seen_.sessions,
              ElementsAre(Step::kAdmitted, Step::kCanceled, Step::kAdmitted, Step::kFailed));
}

TEST_F(MilestoneTrackerTest, ATrackIsPublishedWithItsFirstMediaOrCanceled) {
  using Step = PublishMilestone::Step;
  Join(kAnn, "PA_ann", kAnnHandle);
  AnnounceTrack(kAnn);
  AnnounceTrack(kAnn);  // Said again: no second attempt.
  Advance(absl::Milliseconds(400));
  StartTrack("PA_ann");
  EXPECT_EQ(std::get<PublishMilestone>(seen_.last).elapsed, absl::Milliseconds(400));
  EXPECT_EQ(std::get<PublishMilestone>(seen_.last).source, livekit::CAMERA);
  EXPECT_EQ(std::get<PublishMilestone>(seen_.last).sdk, livekit::ClientInfo::SWIFT);
  EXPECT_THAT(seen_.publishes, ElementsAre(Step::kAttempt, Step::kSuccess));

  Join(kBob, "PA_bob", kBobHandle);
  AnnounceTrack(kBob);
  tracker_.HandleSignalClosed(kBob);
  EXPECT_EQ(seen_.publishes.back(), Step::kCancel);
}

TEST_F(MilestoneTrackerTest, ASubscriptionIsFollowedByItsSender) {
  using Step = SubscribeMilestone::Step;
  Join(kAnn, "PA_ann", kAnnHandle);
  Join(kBob, "PA_bob", kBobHandle);
  StartTrack("PA_ann");
  ConfigureSenders(true);
  ConfigureSenders(true);
  Advance(absl::Milliseconds(80));
  StartSubscription();
  const auto& success = std::get<SubscribeMilestone>(seen_.last);
  EXPECT_EQ(success.elapsed, absl::Milliseconds(80));
  EXPECT_EQ(success.type, livekit::VIDEO);
  EXPECT_EQ(success.source, livekit::CAMERA);
  EXPECT_EQ(success.sdk, livekit::ClientInfo::SWIFT);
  ConfigureSenders(false);
  EXPECT_THAT(seen_.subscribes, ElementsAre(Step::kAttempt, Step::kSuccess, Step::kEnd));
}

TEST_F(MilestoneTrackerTest, EverySubscriptionEndsOnce) {
  using Step = SubscribeMilestone::Step;
  Join(kBob, "PA_bob", kBobHandle);
  ConfigureSenders(true);
  Leave("PA_bob", kBobHandle);
  tracker_.HandleRoomClosed();
  EXPECT_THAT(seen_.subscribes, ElementsAre(Step::kAttempt, Step::kCancel));
}

TEST_F(MilestoneTrackerTest, ARefusedSubscriptionIsAFailure) {
  Join(kBob, "PA_bob", kBobHandle);
  livekit::SignalResponse response;
  response.mutable_subscription_response()->set_err(livekit::SE_TRACK_NOTFOUND);
  tracker_.HandleResponse(now_, kBob, response);
  EXPECT_THAT(seen_.subscribes, ElementsAre(SubscribeMilestone::Step::kFailure));
  EXPECT_EQ(std::get<SubscribeMilestone>(seen_.last).error, livekit::SE_TRACK_NOTFOUND);
}

}  // namespace
}  // namespace sfu::actor

#pragma once

#include <cstdint>
#include <variant>

#include <absl/time/time.h>

#include "proto/livekit/models.pb.h"

// How far people, tracks and subscriptions come, and how long it takes them: for metrics only. Says
// nothing of who they are.
namespace sfu::actor {

struct SessionMilestone {
  enum class Step {
    kAdmitted,  // Its JoinResponse is on the way.
    kActive,    // Media can flow. `elapsed` since kAdmitted.
    kEnded,     // After kActive, `elapsed` since then.
    kFailed,    // Before kActive, and not by its own wish.
    kCanceled,  // Before kActive, the client left or closed the connection.
  };
  Step step;
  int32_t protocol = 0;  // As the client says: anything.
  absl::Duration elapsed = absl::ZeroDuration();
};

struct PublishMilestone {
  enum class Step {
    kAttempt,
    kSuccess,  // First media. `elapsed` since kAttempt.
    kCancel,   // Ended without media.
  };
  Step step;
  livekit::TrackType type = livekit::AUDIO;
  livekit::TrackSource source = livekit::UNKNOWN;
  livekit::ClientInfo::SDK sdk = livekit::ClientInfo::UNKNOWN;
  livekit::ParticipantInfo::Kind kind = livekit::ParticipantInfo::STANDARD;
  absl::Duration elapsed = absl::ZeroDuration();
};

struct SubscribeMilestone {
  enum class Step {
    kAttempt,
    kSuccess,  // First media left for the subscriber. `elapsed` since kAttempt.
    kCancel,   // Ended without media.
    kFailure,
    kEnd,  // After kSuccess.
  };
  Step step;
  livekit::TrackType type = livekit::AUDIO;
  livekit::TrackSource source = livekit::UNKNOWN;
  livekit::ClientInfo::SDK sdk = livekit::ClientInfo::UNKNOWN;
  livekit::ParticipantInfo::Kind kind = livekit::ParticipantInfo::STANDARD;
  absl::Duration elapsed = absl::ZeroDuration();
  livekit::SubscriptionError error = livekit::SE_UNKNOWN;  // Of kFailure.
};

using Milestone = std::variant<SessionMilestone, PublishMilestone, SubscribeMilestone>;

}  // namespace sfu::actor

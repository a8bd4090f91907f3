#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/auth/grants.h"
#include "controller/room/ids.h"
#include "controller/room/join_parameters.h"
#include "controller/room/room_options.h"
#include "proto/livekit/models.pb.h"

namespace sfu::room {

// Who somebody is and what others may know: one ParticipantInfo, less its tracks. Every change
// raises the version, which clients use to drop what came too late (trap 33).
class Participant {
 public:
  using Attributes = google::protobuf::Map<std::string, std::string>;

  Participant(ParticipantHandle handle, std::string sid, const JoinParameters& parameters,
              std::string region, absl::Time wall);

  ParticipantHandle handle() const { return handle_; }
  const std::string& sid() const { return info_.sid(); }
  const std::string& identity() const { return info_.identity(); }
  const livekit::ClientInfo& client() const { return client_; }
  const livekit::ParticipantPermission& permission() const { return info_.permission(); }
  livekit::ParticipantInfo::State state() const { return info_.state(); }
  livekit::ParticipantInfo::Kind kind() const { return info_.kind(); }
  const livekit::ParticipantInfo& info() const { return info_; }  // Without tracks.
  bool is_publisher() const { return info_.is_publisher(); }
  bool hidden() const { return info_.permission().hidden(); }
  bool dependent() const { return dependent_; }
  bool recorder() const { return info_.permission().recorder(); }

  void SetState(livekit::ParticipantInfo::State state);
  void SetDisconnected(livekit::DisconnectReason reason);
  void SetPublisher();
  void SetPermission(const livekit::ParticipantPermission& permission);
  void NoteChange() { info_.set_version(info_.version() + 1); }  // Of a track.

  // "" means no change, an attribute of "" is deleted (trap 35). Nothing changes on a refusal.
  enum class ProfileRefusal { kNone, kNameTooLong, kMetadataTooLong, kAttributesTooLong };
  ProfileRefusal UpdateProfile(const std::string& name, const std::string& metadata,
                               const Attributes& attributes, const Limits& limits);

  // What a new token for this participant says (signaling contract, section 2.6).
  auth::Claims ClaimsForRefresh(absl::Time wall) const;

 private:
  ParticipantHandle handle_;
  livekit::ParticipantInfo info_;
  livekit::ClientInfo client_;
  auth::Claims claims_;
  bool dependent_;
};

// Keys and values together, as limits count them.
size_t AttributeBytes(const Participant::Attributes& attributes);
size_t AttributeBytes(const std::map<std::string, std::string>& attributes);

}  // namespace sfu::room

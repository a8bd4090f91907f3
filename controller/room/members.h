#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "controller/room/member.h"

namespace sfu::room {

// Everybody in the room, by the names under which they are asked for.
class Members {
 public:
  using Map = std::map<ParticipantHandle, std::unique_ptr<Member>>;

  Member& Add(std::unique_ptr<Member> member);  // Precondition: its identity is free.
  std::unique_ptr<Member> Remove(ParticipantHandle handle);

  Member* Find(ParticipantHandle handle);
  Member* FindByIdentity(std::string_view identity);
  Member* FindBySession(SessionId session);
  // The one that publishes a live track of that SID.
  Member* FindPublisher(std::string_view track_sid);

  // A connection is a member's, or nobody's any more.
  void BindSession(SessionId session, ParticipantHandle handle) {
    sessions_.insert_or_assign(session, handle);
  }
  void ForgetSession(SessionId session) { sessions_.erase(session); }
  void NoteLiveTrack(std::string_view sid, ParticipantHandle handle);
  void ForgetTrack(std::string_view sid);

  // In order of joining. Handles, not pointers, are what to keep while members may go.
  Map::const_iterator begin() const { return members_.begin(); }
  Map::const_iterator end() const { return members_.end(); }
  bool empty() const { return members_.empty(); }
  size_t size() const { return members_.size(); }

  uint32_t CountIndependent() const;  // Participants as counted for limits.
  uint32_t CountPublishers() const;

 private:
  Map members_;
  std::map<std::string, ParticipantHandle, std::less<>> identities_;
  absl::flat_hash_map<SessionId, ParticipantHandle> sessions_;
  absl::flat_hash_map<std::string, ParticipantHandle> live_tracks_;
};

}  // namespace sfu::room

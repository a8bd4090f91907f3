#include "controller/room/members.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sfu::room {

Member& Members::Add(std::unique_ptr<Member> member) {
  Member& added = *member;
  const bool free = identities_.emplace(added.participant.identity(), added.handle()).second;
  SFU_CHECK(free);
  members_.emplace(added.handle(), std::move(member));
  return added;
}

std::unique_ptr<Member> Members::Remove(ParticipantHandle handle) {
  const auto found = members_.find(handle);
  SFU_CHECK(found != members_.end());
  std::unique_ptr<Member> member = std::move(found->second);
  members_.erase(found);
  identities_.erase(member->participant.identity());
  if (const std::optional<SessionId> session = member->signal.session()) {
    ForgetSession(*session);
  }
  return member;
}

Member* Members::Find(ParticipantHandle handle) {
  const auto found = members_.find(handle);
  return found == members_.end() ? nullptr : found->second.get();
}

Member* Members::FindByIdentity(std::string_view identity) {
  const auto found = identities_.find(identity);
  return found == identities_.end() ? nullptr : Find(found->second);
}

Member* Members::FindBySession(SessionId session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : Find(found->second);
}

Member* Members::FindPublisher(std::string_view track_sid) {
  const auto found = live_tracks_.find(std::string(track_sid));
  return found == live_tracks_.end() ? nullptr : Find(found->second);
}

void Members::NoteLiveTrack(std::string_view sid, ParticipantHandle handle) {
  live_tracks_.insert_or_assign(std::string(sid), handle);
}

void Members::ForgetTrack(std::string_view sid) { live_tracks_.erase(std::string(sid)); }

uint32_t Members::CountIndependent() const {
  return static_cast<uint32_t>(std::count_if(members_.begin(), members_.end(), [](const auto& m) {
    return !m.second->participant.dependent();
  }));
}

uint32_t Members::CountPublishers() const {
  return static_cast<uint32_t>(std::count_if(members_.begin(), members_.end(), [](const auto& m) {
    return !m.second->participant.dependent() && m.second->participant.is_publisher();
  }));
}

}  // namespace sfu::room

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/timestamp.h"
#include "controller/room/departure_history.h"
#include "controller/room/members.h"

namespace sfu::room {

// Tells everybody about changes of participants (signaling contract, section 4.1).
//
// What concerns media or was asked for goes out at once; mere comings and goings at most every
// three seconds together. Only a hidden participant itself hears of its changes. Always the whole
// ParticipantInfo as it is at the moment of sending, so versions never go backwards (trap 33).
class UpdateBroadcaster {
 public:
  explicit UpdateBroadcaster(Members& members) : members_(members) {}

  // Metadata, permission, tracks.
  void ChangedNow(Member& member);
  // State: at once for publishers.
  void Changed(Timestamp now, Member& member);
  // `info` is DISCONNECTED, and its member has been removed.
  void Left(Timestamp now, const livekit::ParticipantInfo& info);
  // Another session of the same identity follows: only old clients are told (trap 32).
  void Replaced(const livekit::ParticipantInfo& info);
  // To one that may have missed anything: who has left since it came, and everybody who is here,
  // itself included. Some clients take whoever is not named for gone (trap 30).
  void CatchUp(Member& member);
  // Somebody of this identity is about to be announced: a departure that still waits goes first,
  // or it would be taken for theirs.
  void FlushDeparture(std::string_view identity);

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const { return flush_due_; }

 private:
  struct Waiting {
    ParticipantHandle handle;
    std::optional<livekit::ParticipantInfo> departed;
    std::string identity;
  };

  void Enqueue(Timestamp now, Waiting waiting);
  void Forget(ParticipantHandle handle);
  void SendToAll(const std::vector<livekit::ParticipantInfo>& infos);

  std::vector<livekit::ParticipantInfo> MissedDepartures(const Member& member) const;

  Members& members_;
  DepartureHistory departures_;
  std::vector<Waiting> waiting_;
  std::optional<Timestamp> last_flush_;
  Timestamp flush_due_ = Timestamp::Never();
};

// In messages of about 128 KiB, each participant in one of them.
std::vector<livekit::SignalResponse> MakeUpdates(
    const std::vector<livekit::ParticipantInfo>& infos);

}  // namespace sfu::room

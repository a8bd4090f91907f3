#pragma once

#include <cstdint>

#include "common/base/check.h"
#include "controller/room/ids.h"

namespace sfu::room {

// Makes the names under which a participant's transports, tracks and senders are known to the
// worker. The upper half of each is the participant, so whom an event concerns needs no table.
class HandleAllocator {
 public:
  explicit HandleAllocator(ParticipantHandle owner) : owner_(owner) {}

  TransportHandle NextTransport() { return TransportHandle(Next()); }
  TrackHandle NextTrack() { return TrackHandle(Next()); }
  SenderHandle NextSender() { return SenderHandle(Next()); }

 private:
  uint64_t Next() {
    SFU_CHECK(last_ < UINT32_MAX);
    return owner_.value() << 32 | ++last_;
  }

  ParticipantHandle owner_;
  uint32_t last_ = 0;
};

// Of any handle of a HandleAllocator.
inline ParticipantHandle OwnerOf(uint64_t handle) { return ParticipantHandle(handle >> 32); }

}  // namespace sfu::room

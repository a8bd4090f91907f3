#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "common/time/timestamp.h"
#include "tests/support/media_mark.h"

namespace sfu {

// What a simulation knows about who may see what, said by those who decided it and not by the code
// under test. Judges every packet that arrives.
class MediaOracle {
 public:
  enum class Reason : uint8_t {
    kUnsubscribed,  // `what` is the number of a publication,
    kDisabled,      // here too,
    kUnpublished,   // and here.
    kNotAllowed,    // `what` is the publishing client.
    kMayNotSubscribe,
  };

  void AddTrack(uint32_t number, size_t publisher, size_t room) {
    tracks_[number] = {publisher, room};
  }
  void AddClient(size_t client, size_t room) { room_of_[client] = room; }

  // From now on, and after what is on its way has arrived, `client` is to see nothing of `what`.
  void Block(Timestamp now, Reason reason, size_t client, uint64_t what = 0) {
    blocked_since_.emplace(std::tuple(reason, client, what), now);
  }
  void Lift(Reason reason, size_t client, uint64_t what = 0) {
    blocked_since_.erase(std::tuple(reason, client, what));
  }

  // The client cannot make itself heard until then, neither as viewer nor as publisher: what it has
  // decided meanwhile, or just before, may hold from then on only.
  void Excuse(size_t client, Timestamp until) { excused_until_.insert_or_assign(client, until); }

  // Whether the client should be getting the track, as far as it is sent.
  bool MayReceive(size_t client, uint32_t number) const;
  size_t PublisherOf(uint32_t number) const { return tracks_.at(number).publisher; }

  // What is wrong with the arrival, if anything.
  std::optional<std::string> Judge(Timestamp now, size_t client, const MediaMark& mark) const;

 private:
  struct Track {
    size_t publisher = 0;
    size_t room = 0;
  };

  // The earliest of what holds against it.
  std::optional<Timestamp> BlockedSince(size_t client, uint32_t number) const;

  std::map<uint32_t, Track> tracks_;
  std::map<size_t, size_t> room_of_;
  std::map<std::tuple<Reason, size_t, uint64_t>, Timestamp> blocked_since_;
  std::map<size_t, Timestamp> excused_until_;
};

}  // namespace sfu

#pragma once

#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "worker/room/deadline_queue.h"
#include "worker/room/media_room.h"
#include "worker/transport/packet_sink.h"

namespace sfu::mediaroom {

// All rooms of one media thread: finds the transport a datagram is for, knows what is due next, and
// flushes what the pass has left to be sent.
//
// Lives on its media thread.
class MediaRooms : public transport::PacketSink {
 public:
  MediaRooms(const transport::TransportEnvironment& environment,
             std::shared_ptr<const dtls::Context> dtls, const NtpClock& ntp);
  ~MediaRooms() override;

  // --- Commands. What they cause is sent in the same pass, reported by TakeEvents().

  MediaRoom& OpenRoom(Timestamp now, RoomHandle handle);  // Or the one that is open.
  MediaRoom* FindRoom(RoomHandle handle);
  void CloseRoom(Timestamp now, RoomHandle handle);

  Expected<RoomTransport*, Refusal> OpenTransport(Timestamp now, MediaRoom& room,
                                                  TransportHandle handle,
                                                  const TransportOptions& options);
  void CloseTransport(Timestamp now, MediaRoom& room, TransportHandle handle);
  void RemoveParticipant(Timestamp now, MediaRoom& room, ParticipantHandle participant);

  // To be called after any command to a room: its transports may have something to send or a new
  // deadline.
  void HandleCommanded(MediaRoom& room);

  void TakeEvents(std::vector<RoomEvent>& events) { events.swap(events_); }

  // --- transport::PacketSink.

  void HandleDatagram(Timestamp now, transport::TransportId transport, const ice::Path& path,
                      rtp::PacketRef packet) override;
  void HandleTimeout(Timestamp now) override;
  Timestamp NextTimeout() const override;
  bool Flush(Timestamp now, transport::DatagramBatch& batch) override;

  size_t room_count() const { return rooms_.size(); }
  size_t transport_count() const { return transports_.size(); }
  const RoomCounters& counters() const { return counters_; }

 private:
  struct Place {
    MediaRoom* room;
    RoomTransport* transport;
  };

  void RearmDeadline(transport::TransportId id);
  void HandleTransportTimeout(Timestamp now, transport::TransportId id);

  RoomCounters counters_;
  FlushList flush_;
  const RoomEnvironment environment_;
  std::vector<RoomEvent> events_;
  absl::flat_hash_map<RoomHandle, std::unique_ptr<MediaRoom>> rooms_;
  absl::flat_hash_map<transport::TransportId, Place> transports_;
  uint64_t next_transport_id_ = 1;
  DeadlineQueue<transport::TransportId> transport_deadlines_;
  DeadlineQueue<RoomHandle> room_deadlines_;
  transport::TransportOutputs outputs_;  // Scratch.
  size_t flushed_ = 0;                   // Of flush_, in this pass.
  // Closed, but with goodbyes to flush; destroyed at the end of the pass, transports first.
  std::vector<std::unique_ptr<MediaRoom>> retired_rooms_;
  std::vector<std::unique_ptr<RoomTransport>> retired_;
};

}  // namespace sfu::mediaroom

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "common/time/clock.h"
#include "proto/sfu/worker.pb.h"
#include "worker/media/media_thread.h"
#include "worker/room/media_rooms.h"
#include "worker/server/controller_outbox.h"

namespace sfu::worker {

// The rooms of one media thread as their controllers see them: carries commands in, results and
// events out, and checks epochs. Sits between the media thread and its rooms, so that events leave
// after every step that may have caused one.
//
// Lives on its media thread.
class RoomHost : public transport::PacketSink {
 public:
  RoomHost(const media::MediaThreadContext& context, const Clock& clock,
           std::shared_ptr<const dtls::Context> dtls, sctp::AssociationFactory& associations);

  // Applies the command and answers it with exactly one CommandResult in `outbox`. `room` is this
  // worker's own handle: controllers number their rooms independently of one another.
  void HandleCommand(Timestamp now, mediaroom::RoomHandle room, const v1::RoomCommand& command,
                     const std::shared_ptr<ControllerOutbox>& outbox);

  // Reports the room as it is: the answer to a controller that attached again.
  void SendSnapshot(mediaroom::RoomHandle room, ControllerOutbox& outbox);

  void CloseRoom(Timestamp now, mediaroom::RoomHandle room);

  // What transports opened from now on tell their peers about where to send.
  void SetCandidates(std::vector<ice::HostCandidate> candidates) {
    candidates_ = std::move(candidates);
  }

  // Of all rooms here, for metrics. Any thread.
  const mediaroom::RoomCounters& room_counters() const { return rooms_.counters(); }

  // Any thread.
  uint32_t room_count() const { return room_count_.load(std::memory_order_relaxed); }
  uint32_t transport_count() const { return transport_count_.load(std::memory_order_relaxed); }

  void HandleDatagram(Timestamp now, transport::TransportId transport, const ice::Path& path,
                      rtp::PacketRef packet) override;
  void HandleTimeout(Timestamp now) override;
  Timestamp NextTimeout() const override { return rooms_.NextTimeout(); }
  bool Flush(Timestamp now, transport::DatagramBatch& batch) override;

 private:
  struct Attachment {
    uint64_t controller_room = 0;  // The controller's handle.
    uint64_t epoch = 0;
    std::shared_ptr<ControllerOutbox> outbox;
  };

  v1::Refusal Apply(Timestamp now, mediaroom::RoomHandle room, const v1::RoomCommand& command,
                    v1::CommandResult& result);
  v1::Refusal ApplyToRoom(Timestamp now, mediaroom::MediaRoom& room, const v1::RoomCommand& command,
                          v1::CommandResult& result);
  v1::Refusal ApplyToTransport(Timestamp now, mediaroom::MediaRoom& room,
                               const v1::RoomCommand& command, v1::CommandResult& result);
  v1::Refusal OpenTransport(Timestamp now, mediaroom::MediaRoom& room,
                            const v1::OpenTransport& command, v1::CommandResult& result);
  static v1::Refusal SendData(Timestamp now, mediaroom::MediaRoom& room,
                              const v1::SendData& command);
  static mediaroom::TransportHandle TransportOf(const v1::RoomCommand& command);
  void ReportEvents();
  void UpdateCounts();

  std::vector<ice::HostCandidate> candidates_;
  mediaroom::MediaRooms rooms_;
  std::map<mediaroom::RoomHandle, Attachment> attachments_;
  std::vector<mediaroom::RoomEvent> events_;  // Scratch.
  std::atomic<uint32_t> room_count_ = 0;
  std::atomic<uint32_t> transport_count_ = 0;
};

}  // namespace sfu::worker

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "controller/room/test_room.h"
#include "controller/signal/signal_codec.h"

// Arbitrary signal requests of two members of a room, one of each connection model, with a worker
// that does as it is told. The first byte of each request says whose it is, the next two how long.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu;
  room::TestRoom room;
  room::TestPeer peer;
  const room::SessionId alice = room.JoinActive("alice");
  room.Publish(alice, peer, livekit::VIDEO, livekit::CAMERA);
  room::TestPeer single_peer;
  single_peer.AddMedia("video", "recvonly");
  single_peer.AddData();
  room::JoinParameters parameters = room::TestJoin("bob");
  parameters.claims.video->can_update_own_metadata = true;
  parameters.single_peer_connection = true;
  parameters.publisher_offer = single_peer.Offer(1);
  const room::SessionId bob = room.JoinActive(std::move(parameters));

  while (size >= 3) {
    const uint8_t control = data[0];
    const size_t length = std::min(size - 3, size_t{data[1]} << 8 | data[2]);
    const auto kind = (control & 2) != 0 ? signal::FrameKind::kText : signal::FrameKind::kBinary;
    const auto request = signal::DecodeRequest(kind, absl::MakeSpan(data + 3, length));
    const room::SessionId session = (control & 1) != 0 ? alice : bob;
    if (request) {
      room.Request(session, *request);
    }
    if ((control & 4) != 0) {
      room.Advance(absl::Milliseconds(500));
    }
    if ((control & 8) != 0 && !room.IsClosed(session)) {
      room.StartMedia(session);
    }
    if ((control & 16) != 0 && !room.IsClosed(session)) {
      room.AnswerLatestOffer(session);
    }
    data += 3 + length;
    size -= 3 + length;
  }
  room.Advance(absl::Seconds(70));
  // Whatever was sent must be possible to send.
  for (const room::SessionId session : {alice, bob}) {
    for (const livekit::SignalResponse& response : room.Inbox(session)) {
      (void)signal::EncodeResponse(signal::FrameKind::kText, response);
    }
  }
  return 0;
}

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "controller/room/ids.h"
#include "controller/signal/signal_codec.h"
#include "proto/livekit/rtc.pb.h"

namespace sfu::signal {

// For the client, as one WebSocket message.
struct SendFrame {
  FrameKind kind;
  std::string payload;
};
// A WebSocket ping frame.
struct SendPing {};
// For the room. Pings never get here.
struct ForwardRequest {
  livekit::SignalRequest request;
};
// Close the WebSocket with this code, once everything before is sent. The last output.
struct CloseConnection {
  uint16_t code = 1000;
};
using SignalOutput = std::variant<SendFrame, SendPing, ForwardRequest, CloseConnection>;

struct SignalCounters {
  uint64_t undecodable_frames = 0;
  uint64_t dropped_before_first = 0;  // Responses that came before the session's first message.
  uint64_t timed_out = 0;
};

// One client's signal connection between frames and messages: encodes and decodes, keeps the order
// that clients insist on (signaling contract, section 3.1), answers pings, notices silence.
// It outlives nothing: a resumed participant gets a new one. Pure; lives on the connection's loop.
class SignalSession {
 public:
  explicit SignalSession(Timestamp now) : last_heard_(now), next_ping_(now + kPingInterval) {}

  // --- From the client. Any frame counts as a sign of life.
  void HandleFrame(room::Moment moment, FrameKind kind, absl::Span<const uint8_t> frame);
  void HandleWebSocketPong(Timestamp now) { last_heard_ = now; }

  // --- From the room.
  // The first response must be join, reconnect or leave: others are dropped until then, except
  // participant updates, which follow right after it.
  void HandleResponse(const livekit::SignalResponse& response);
  void HandleCloseSignal();

  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;
  std::optional<SignalOutput> PollOutput();

  // True once the first response is ready to be sent: the time to answer 101.
  bool started() const { return started_; }
  const SignalCounters& counters() const { return counters_; }

 private:
  static constexpr absl::Duration kPingInterval = absl::Seconds(10);
  // Three unanswered pings: the path is dead although TCP has not noticed.
  static constexpr absl::Duration kSilenceLimit = absl::Seconds(35);
  static constexpr size_t kMaxQueuedUpdates = 64;

  void Send(const livekit::SignalResponse& response);
  void Close(uint16_t code);

  Timestamp last_heard_;
  Timestamp next_ping_;
  FrameKind reply_kind_ = FrameKind::kBinary;
  bool started_ = false;
  bool closed_ = false;
  std::vector<livekit::SignalResponse> queued_updates_;
  std::deque<SignalOutput> outputs_;
  SignalCounters counters_;
};

}  // namespace sfu::signal

#include "controller/signal/signal_session.h"

#include <algorithm>
#include <utility>

namespace sfu::signal {
namespace {

constexpr uint16_t kNormalClosure = 1000;
// Anything but 1000 makes clients resume at once, should they hear it at all.
constexpr uint16_t kGoingAway = 1001;

bool MayComeFirst(const livekit::SignalResponse& response) {
  return response.has_join() || response.has_reconnect() || response.has_leave();
}

}  // namespace

void SignalSession::HandleFrame(room::Moment moment, FrameKind kind,
                                absl::Span<const uint8_t> frame) {
  if (closed_) {
    return;
  }
  last_heard_ = moment.now;
  std::optional<livekit::SignalRequest> request = DecodeRequest(kind, frame);
  if (!request) {
    ++counters_.undecodable_frames;
    Close(kNormalClosure);
    return;
  }
  reply_kind_ = kind;
  if (request->has_ping_req()) {
    livekit::SignalResponse response;
    response.mutable_pong_resp()->set_last_ping_timestamp(request->ping_req().timestamp());
    response.mutable_pong_resp()->set_timestamp(absl::ToUnixMillis(moment.wall));
    HandleResponse(response);
  } else if (request->message_case() == livekit::SignalRequest::kPing) {
    livekit::SignalResponse response;
    response.set_pong(absl::ToUnixMillis(moment.wall));
    HandleResponse(response);
  } else {
    outputs_.push_back(ForwardRequest{std::move(*request)});
  }
}

void SignalSession::HandleResponse(const livekit::SignalResponse& response) {
  if (closed_) {
    return;
  }
  if (started_) {
    Send(response);
  } else if (MayComeFirst(response)) {
    started_ = true;
    Send(response);
    for (const livekit::SignalResponse& update : std::exchange(queued_updates_, {})) {
      Send(update);
    }
  } else if (response.has_update() && queued_updates_.size() < kMaxQueuedUpdates) {
    queued_updates_.push_back(response);
  } else {
    ++counters_.dropped_before_first;
  }
}

void SignalSession::HandleCloseSignal() { Close(kNormalClosure); }

void SignalSession::HandleTimeout(Timestamp now) {
  if (closed_) {
    return;
  }
  if (now >= last_heard_ + kSilenceLimit) {
    ++counters_.timed_out;
    Close(kGoingAway);
    return;
  }
  if (now >= next_ping_) {
    next_ping_ = now + kPingInterval;
    outputs_.push_back(SendPing{});
  }
}

Timestamp SignalSession::NextTimeout() const {
  return closed_ ? Timestamp::Never() : std::min(next_ping_, last_heard_ + kSilenceLimit);
}

std::optional<SignalOutput> SignalSession::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  SignalOutput output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

void SignalSession::Send(const livekit::SignalResponse& response) {
  outputs_.push_back(SendFrame{reply_kind_, EncodeResponse(reply_kind_, response)});
}

void SignalSession::Close(uint16_t code) {
  if (!closed_) {
    closed_ = true;
    outputs_.push_back(CloseConnection{code});
  }
}

}  // namespace sfu::signal

#include "controller/http/signal_connection.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace sfu::http {
namespace {

// From the request to the room's first message. Clients wait 15 s for the whole upgrade.
constexpr absl::Duration kStartTimeout = absl::Seconds(10);

}  // namespace

// The room's view of the connection: carries its words over to the connection's loop.
class SignalConnection::Listener : public actor::SignalListener {
 public:
  Listener(Loop& loop, std::weak_ptr<SignalConnection> connection)
      : loop_(loop), connection_(std::move(connection)) {}

  void HandleResponse(livekit::SignalResponse response) override {
    loop_.Post([connection = connection_, response = std::move(response)] {
      if (const std::shared_ptr<SignalConnection> self = connection.lock()) {
        self->HandleResponse(response);
      }
    });
  }
  void HandleClose() override {
    loop_.Post([connection = connection_] {
      if (const std::shared_ptr<SignalConnection> self = connection.lock()) {
        self->HandleRoomClose();
      }
    });
  }

 private:
  Loop& loop_;
  const std::weak_ptr<SignalConnection> connection_;
};

std::shared_ptr<SignalConnection> SignalConnection::Start(std::shared_ptr<WebSocket> socket,
                                                          room::JoinParameters parameters,
                                                          actor::RoomRegistry& rooms,
                                                          const Clock& clock,
                                                          SignalObserver& observer) {
  auto connection = std::make_shared<SignalConnection>(
      std::move(socket), parameters.client.protocol(), clock, observer);
  Loop& loop = connection->loop_;
  rooms.Join(std::move(parameters), std::make_shared<Listener>(loop, connection),
             [&loop, weak = std::weak_ptr<SignalConnection>(connection)](actor::JoinReply reply) {
               loop.Post([weak, reply = std::move(reply)]() mutable {
                 if (const std::shared_ptr<SignalConnection> self = weak.lock()) {
                   self->HandleJoined(std::move(reply));
                 } else if (reply && reply->has_value()) {
                   (*reply)->HandleClosed();  // The client did not wait.
                 }
               });
             });
  return connection;
}

SignalConnection::SignalConnection(std::shared_ptr<WebSocket> socket, int32_t protocol,
                                   const Clock& clock, SignalObserver& observer)
    : socket_(std::move(socket)),
      loop_(socket_->loop()),
      clock_(clock),
      observer_(observer),
      protocol_(protocol),
      session_(loop_.Now()),
      timer_(loop_.CreateTimer([this] { HandleTimeout(); })),
      started_at_(loop_.Now()),
      start_deadline_(started_at_ + kStartTimeout) {
  timer_->WakeAt(start_deadline_);
}

SignalConnection::~SignalConnection() = default;

void SignalConnection::HandleFrame(signal::FrameKind kind, absl::Span<const uint8_t> frame) {
  const uint64_t undecodable = session_.counters().undecodable_frames;
  session_.HandleFrame(Now(), kind, frame);
  if (session_.counters().undecodable_frames != undecodable) {
    observer_.HandleRequest(false);
  }
  PerformOutputs();
}

void SignalConnection::HandlePong() {
  session_.HandleWebSocketPong(loop_.Now());
  PerformOutputs();
}

void SignalConnection::HandleClosed() {
  if (!std::exchange(accepted_, true)) {
    Report(SignalObserver::JoinOutcome::kClientGone);
  }
  socket_.reset();
  timer_.reset();
  if (port_) {
    port_->HandleClosed();
    port_.reset();
  }
}

void SignalConnection::HandleJoined(actor::JoinReply reply) {
  if (!reply) {
    Refuse(reply.error().http_status, reply.error().text);
    return;
  }
  port_ = *std::move(reply);
  if (socket_ == nullptr && port_) {
    port_->HandleClosed();  // The client did not wait.
    port_.reset();
  }
}

void SignalConnection::HandleResponse(const livekit::SignalResponse& response) {
  observer_.HandleResponse(response.message_case(), socket_ != nullptr);
  session_.HandleResponse(response);
  PerformOutputs();
}

void SignalConnection::HandleRoomClose() {
  port_.reset();  // The room has ended the session itself.
  if (!session_.started()) {
    Refuse(500, "connection closed by media");
    return;
  }
  session_.HandleCloseSignal();
  PerformOutputs();
}

void SignalConnection::HandleTimeout() {
  if (!session_.started() && loop_.Now() >= start_deadline_) {
    Refuse(500, "timed out while waiting for signal response");
    return;
  }
  session_.HandleTimeout(loop_.Now());
  PerformOutputs();
}

void SignalConnection::PerformOutputs() {
  if (!session_.started()) {
    return;  // All outputs belong behind the first message.
  }
  if (socket_ != nullptr && !std::exchange(accepted_, true)) {
    socket_->Accept();
    Report(SignalObserver::JoinOutcome::kConnected);
  }
  while (std::optional<signal::SignalOutput> output = session_.PollOutput()) {
    if (socket_ == nullptr) {
      continue;
    }
    if (auto* frame = std::get_if<signal::SendFrame>(&*output)) {
      socket_->Send(frame->kind, std::move(frame->payload));
    } else if (std::holds_alternative<signal::SendPing>(*output)) {
      socket_->Ping();
    } else if (auto* forward = std::get_if<signal::ForwardRequest>(&*output)) {
      observer_.HandleRequest(true);
      if (port_ && !port_->HandleRequest(std::move(forward->request))) {
        socket_->Close(1000);
      }
    } else if (auto* close = std::get_if<signal::CloseConnection>(&*output)) {
      socket_->Close(close->code);
    }
  }
  if (timer_ != nullptr) {
    timer_->WakeAt(session_.NextTimeout());
  }
}

void SignalConnection::Refuse(int status, std::string_view text) {
  if (socket_ != nullptr && !std::exchange(accepted_, true)) {
    Report(SignalObserver::JoinOutcome::kRefused);
    socket_->Refuse(api::HttpResponse::Text(status, text));
  }
}

void SignalConnection::Report(SignalObserver::JoinOutcome outcome) {
  observer_.HandleJoin(outcome, protocol_, loop_.Now() - started_at_);
}

room::Moment SignalConnection::Now() const {
  return {.now = loop_.Now(), .wall = clock_.WallNow()};
}

}  // namespace sfu::http

#include "worker/sctp/usrsctp_association.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <absl/time/time.h>
#include <arpa/inet.h>
#include <usrsctp.h>

#include "common/base/check.h"
#include "worker/sctp/usrsctp_socket.h"

namespace sfu::sctp {
namespace {

// How long after the last call usrsctp may still have a timer running that we cannot ask for. The
// longest is the delayed SACK of 200 ms.
constexpr absl::Duration kBusyTime = absl::Seconds(1);
constexpr absl::Duration kIdlePoll = absl::Seconds(1);
constexpr absl::Duration kStuckTime = absl::Seconds(30);

// Copies the fixed part of a notification; false if it is shorter than that. (Its structures end in
// a list of no stated length, so they cannot be returned in an optional.)
template <typename T>
bool ReadNotification(absl::Span<const uint8_t> bytes, T& value) {
  if (bytes.size() < sizeof(T)) {
    return false;
  }
  std::memcpy(&value, bytes.data(), sizeof(T));
  return true;
}

}  // namespace

UsrsctpAssociation::UsrsctpAssociation(const AssociationOptions& options)
    : options_(options), stack_(UsrsctpStack::Get()), id_(stack_.Register(inbox_)) {}

UsrsctpAssociation::~UsrsctpAssociation() {
  if (socket_ != nullptr) {
    CloseSocket();
  }
  stack_.Unregister(id_);
}

void UsrsctpAssociation::Connect(Timestamp now) {
  SFU_CHECK(state_ == State::kNew);
  state_ = State::kConnecting;
  const bool started = stack_.Run(now, [this] {
    socket_ = OpenUsrsctpSocket(id_, options_);
    return socket_ != nullptr && ConnectUsrsctpSocket(socket_, id_, options_);
  });
  NoteActivity(now);
  if (!started) {
    Close(now, Closed::Reason::kFailed);
    return;
  }
  TakeInbox(now);
}

void UsrsctpAssociation::CloseSocket() {
  stack_.RunUntimed([this] { CloseUsrsctpSocket(std::exchange(socket_, nullptr), id_); });
}

void UsrsctpAssociation::HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) {
  ++counters_.packets_in;
  if (socket_ == nullptr || packet.size() < kSctpCommonHeaderBytes) {
    return;
  }
  stack_.Run(now, [this, packet] {
    usrsctp_conninput(reinterpret_cast<void*>(id_), packet.data(), packet.size(), /*ecn_bits=*/0);
  });
  NoteActivity(now);
  TakeInbox(now);
}

void UsrsctpAssociation::HandleTimeout(Timestamp now) {
  if (socket_ == nullptr) {
    return;
  }
  stack_.Advance(now);
  TakeInbox(now);
  SendPendingResets(now);
  const bool waiting = state_ == State::kConnecting || buffered_bytes_ > 0;
  next_poll_ = now + (waiting || now < busy_until_ ? UsrsctpStack::kTick : kIdlePoll);
  if (buffered_bytes_ > 0 && !stuck_ && now - last_progress_ >= kStuckTime) {
    stuck_ = true;
    outputs_.push_back(Stuck{});
  }
}

SendResult UsrsctpAssociation::Send(Timestamp now, const OutgoingMessage& message) {
  SFU_CHECK(!message.payload.empty());
  if (state_ != State::kConnected) {
    return SendResult::kNotConnected;
  }
  if (message.stream >= outgoing_streams_) {
    return SendResult::kNoSuchStream;
  }
  if (message.payload.size() > options_.max_send_bytes) {
    return SendResult::kTooLarge;
  }
  if (buffered_bytes_ + message.payload.size() > options_.send_buffer_bytes) {
    ++counters_.refused_buffer_full;
    return SendResult::kBufferFull;
  }
  sctp_sendv_spa info{};
  info.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  info.sendv_sndinfo.snd_sid = message.stream;
  info.sendv_sndinfo.snd_flags =
      static_cast<uint16_t>(SCTP_EOR | (message.ordered ? 0 : SCTP_UNORDERED));
  info.sendv_sndinfo.snd_ppid = htonl(message.ppid);
  if (message.max_retransmits) {
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    info.sendv_prinfo.pr_value = *message.max_retransmits;
  }
  const int error = stack_.Run(now, [&] {
    return usrsctp_sendv(socket_, message.payload.data(), message.payload.size(), nullptr, 0, &info,
                         sizeof(info), SCTP_SENDV_SPA, 0) < 0
               ? errno
               : 0;
  });
  NoteActivity(now);
  if (error == 0) {
    ++counters_.messages_out;
    NoteBuffered(now, buffered_bytes_ + message.payload.size());
  }
  TakeInbox(now);
  if (error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM) {
    ++counters_.refused_buffer_full;
    return SendResult::kBufferFull;
  }
  return error == 0 ? SendResult::kQueued : SendResult::kNoSuchStream;
}

void UsrsctpAssociation::ResetStream(Timestamp now, uint16_t stream) {
  if (state_ != State::kConnected || stream >= outgoing_streams_) {
    return;
  }
  pending_resets_.insert(stream);
  SendPendingResets(now);
}

void UsrsctpAssociation::SendPendingResets(Timestamp now) {
  if (pending_resets_.empty() || state_ != State::kConnected) {
    return;
  }
  std::vector<uint8_t> request(sizeof(sctp_reset_streams) +
                               pending_resets_.size() * sizeof(uint16_t));
  auto* const header = reinterpret_cast<sctp_reset_streams*>(request.data());
  header->srs_flags = SCTP_STREAM_RESET_OUTGOING;
  header->srs_number_streams = static_cast<uint16_t>(pending_resets_.size());
  std::copy(pending_resets_.begin(), pending_resets_.end(), header->srs_stream_list);
  const bool accepted = stack_.Run(now, [&] {
    return usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request.data(),
                              static_cast<socklen_t>(request.size())) == 0;
  });
  if (accepted) {
    pending_resets_.clear();
  }
  NoteActivity(now);  // Refused: another one is in flight, HandleTimeout() tries again.
  TakeInbox(now);
}

void UsrsctpAssociation::Abort(Timestamp now) {
  if (state_ != State::kClosed) {
    Close(now, Closed::Reason::kLocal);
  }
}

void UsrsctpAssociation::Close(Timestamp now, Closed::Reason reason) {
  state_ = State::kClosed;
  buffered_bytes_ = 0;
  pending_resets_.clear();
  discarding_.clear();
  if (socket_ != nullptr) {
    CloseSocket();
    TakeInbox(now);
  }
  outputs_.push_back(Closed{reason});
}

std::optional<AssociationOutput> UsrsctpAssociation::PollOutput() {
  std::optional<AssociationOutput> output;
  if (!outputs_.empty()) {
    output.emplace(std::move(outputs_.front()));
    outputs_.pop_front();
  }
  return output;
}

Timestamp UsrsctpAssociation::NextTimeout() const {
  return socket_ == nullptr ? Timestamp::Never() : next_poll_;
}

void UsrsctpAssociation::NoteActivity(Timestamp now) {
  busy_until_ = now + kBusyTime;
  next_poll_ = std::min(next_poll_, now + UsrsctpStack::kTick);
}

void UsrsctpAssociation::TakeInbox(Timestamp now) {
  if (!inbox_.pending()) {
    return;
  }
  UsrsctpInbox::Contents contents = inbox_.Take();
  counters_.dropped_packet_inbox_full += contents.dropped_packets;
  for (UsrsctpEvent& event : contents.events) {
    switch (event.kind) {
      case UsrsctpEvent::Kind::kPacket:
        ++counters_.packets_out;
        outputs_.push_back(SendPacket{std::move(event.bytes)});
        break;
      case UsrsctpEvent::Kind::kData:
        HandleData(std::move(event));
        break;
      case UsrsctpEvent::Kind::kNotification:
        HandleNotification(now, event.bytes);
        break;
    }
  }
  if (contents.send_space_bytes && state_ == State::kConnected) {
    NoteBuffered(now, options_.send_buffer_bytes -
                          std::min<size_t>(*contents.send_space_bytes, options_.send_buffer_bytes));
  }
  if (contents.overflowed && state_ != State::kClosed) {
    Close(now, Closed::Reason::kInboxOverflow);
  }
}

void UsrsctpAssociation::HandleData(UsrsctpEvent event) {
  const uint32_t key = uint32_t{event.stream} << 1 | (event.unordered ? 1 : 0);
  const bool continued = discarding_.contains(key);
  if (continued || !event.end_of_message || event.bytes.size() > options_.max_receive_bytes) {
    counters_.dropped_message_too_large += continued ? 0 : 1;
    if (event.end_of_message) {
      discarding_.erase(key);
    } else {
      discarding_.insert(key);
    }
    return;
  }
  ++counters_.messages_in;
  outputs_.push_back(MessageReceived{event.stream, event.ppid, std::move(event.bytes)});
}

void UsrsctpAssociation::HandleNotification(Timestamp now, absl::Span<const uint8_t> bytes) {
  // Every notification starts with its type, flags and length.
  uint16_t type = 0;
  if (!ReadNotification(bytes, type) || state_ == State::kClosed) {
    return;
  }
  switch (type) {
    case SCTP_ASSOC_CHANGE:
      HandleAssociationChange(now, bytes);
      break;
    case SCTP_STREAM_RESET_EVENT:
      HandleStreamResetEvent(bytes);
      break;
    case SCTP_SENDER_DRY_EVENT:
      NoteBuffered(now, 0);
      break;
    case SCTP_PARTIAL_DELIVERY_EVENT:
      // The rest of a message will not come. Which one it was does not say reliably whether it was
      // ordered, and a stream has at most one of each.
      if (sctp_pdapi_event event; ReadNotification(bytes, event)) {
        discarding_.erase(event.pdapi_stream << 1);
        discarding_.erase(event.pdapi_stream << 1 | 1);
      }
      break;
    default:
      break;
  }
}

void UsrsctpAssociation::HandleAssociationChange(Timestamp now, absl::Span<const uint8_t> bytes) {
  sctp_assoc_change change;
  if (!ReadNotification(bytes, change)) {
    return;
  }
  switch (change.sac_state) {
    case SCTP_COMM_UP:
    case SCTP_RESTART:
      state_ = State::kConnected;
      outgoing_streams_ = change.sac_outbound_streams;
      incoming_streams_ = change.sac_inbound_streams;
      pending_resets_.clear();
      discarding_.clear();
      NoteBuffered(now, 0);
      outputs_.push_back(Connected{outgoing_streams_, incoming_streams_});
      break;
    case SCTP_SHUTDOWN_COMP:
      Close(now, Closed::Reason::kPeerShutDown);
      break;
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC:
      Close(now, Closed::Reason::kAborted);
      break;
    default:
      break;
  }
}

void UsrsctpAssociation::HandleStreamResetEvent(absl::Span<const uint8_t> bytes) {
  sctp_stream_reset_event event;
  constexpr uint16_t kNotDone = SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED;
  if (!ReadNotification(bytes, event) ||
      (event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) == 0 ||
      (event.strreset_flags & kNotDone) != 0) {
    return;
  }
  absl::Span<const uint8_t> list = bytes.subspan(sizeof(sctp_stream_reset_event));
  if (list.empty()) {  // All of them.
    for (uint16_t stream = 0; stream < incoming_streams_; ++stream) {
      outputs_.push_back(StreamReset{stream});
    }
  }
  for (; list.size() >= sizeof(uint16_t); list.remove_prefix(sizeof(uint16_t))) {
    uint16_t stream = 0;
    ReadNotification(list, stream);
    outputs_.push_back(StreamReset{stream});
  }
}

void UsrsctpAssociation::NoteBuffered(Timestamp now, size_t bytes) {
  if (bytes < buffered_bytes_ || buffered_bytes_ == 0) {
    last_progress_ = now;
    stuck_ = false;
  }
  buffered_bytes_ = bytes;
}

std::unique_ptr<Association> UsrsctpAssociationFactory::Create(const AssociationOptions& options) {
  return std::make_unique<UsrsctpAssociation>(options);
}

}  // namespace sfu::sctp

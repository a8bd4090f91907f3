#include "worker/sctp/data_channel.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace sfu::sctp {
namespace {

// An OPEN or ACK for each channel, and as many again for a peer in a hurry.
constexpr size_t kMaxWaitingControl = 2 * DataChannels::kMaxChannels;

// SCTP has no empty messages, so an empty one is a byte with a PPID that says so (RFC 8831 §6.6).
constexpr uint8_t kEmptyMessage[] = {0};

}  // namespace

DataChannels::DataChannels(std::unique_ptr<Association> association)
    : association_(std::move(association)) {}

void DataChannels::Connect(Timestamp now) {
  association_->Connect(now);
  TakeAssociationOutputs(now);
}

void DataChannels::HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) {
  association_->HandlePacket(now, packet);
  TakeAssociationOutputs(now);
}

void DataChannels::HandleTimeout(Timestamp now) {
  association_->HandleTimeout(now);
  TakeAssociationOutputs(now);
}

std::optional<uint16_t> DataChannels::Open(Timestamp now, ChannelParameters parameters) {
  if (channels_.size() >= kMaxChannels || waiting_control_.size() >= kMaxWaitingControl) {
    return std::nullopt;
  }
  uint16_t stream = 1;  // Odd, as we are the DTLS server (RFC 8832 §6).
  while (channels_.contains(stream)) {
    stream = static_cast<uint16_t>(stream + 2);
  }
  if (stream >= kMaxStreams) {
    return std::nullopt;
  }
  waiting_control_.push_back({stream, BuildDcepOpen(parameters)});
  channels_.emplace(stream, Channel{.parameters = std::move(parameters),
                                    .state = ChannelState::kOpening,
                                    .order = next_order_++});
  TakeAssociationOutputs(now);
  return stream;
}

SendResult DataChannels::Send(Timestamp now, uint16_t stream, bool binary,
                              absl::Span<const uint8_t> payload) {
  if (!association_->connected()) {
    return SendResult::kNotConnected;
  }
  const auto found = channels_.find(stream);
  if (found == channels_.end() || found->second.state == ChannelState::kClosing) {
    return SendResult::kNoSuchStream;
  }
  if (!waiting_control_.empty()) {
    return SendResult::kBufferFull;  // Nothing may overtake the OPEN.
  }
  const ChannelParameters& parameters = found->second.parameters;
  OutgoingMessage message;
  message.stream = stream;
  if (payload.empty()) {
    message.ppid = binary ? kPpidEmptyBinary : kPpidEmptyString;
    message.payload = kEmptyMessage;
  } else {
    message.ppid = binary ? kPpidBinary : kPpidString;
    message.payload = payload;
  }
  // Until the peer has acknowledged, only order keeps messages behind the OPEN (RFC 8832 §6).
  message.ordered = parameters.ordered || found->second.state == ChannelState::kOpening;
  message.max_retransmits = parameters.max_retransmits;
  if (parameters.max_lifetime_ms) {
    message.max_retransmits = 0;  // The seam has no clock for messages; this is never too late.
  }
  const SendResult result = association_->Send(now, message);
  TakeAssociationOutputs(now);
  return result;
}

void DataChannels::Close(Timestamp now, uint16_t stream) {
  const auto found = channels_.find(stream);
  if (found == channels_.end() || found->second.state == ChannelState::kClosing) {
    return;
  }
  const auto unsent =
      std::find_if(waiting_control_.begin(), waiting_control_.end(),
                   [stream](const WaitingControl& waiting) { return waiting.stream == stream; });
  const bool peer_knows = unsent == waiting_control_.end();
  if (!peer_knows) {
    waiting_control_.erase(unsent);
  }
  if (peer_knows || found->second.state == ChannelState::kOpen) {
    found->second.state = ChannelState::kClosing;
    association_->ResetStream(now, stream);
  } else {
    Forget(found);
  }
  TakeAssociationOutputs(now);
}

void DataChannels::Abort(Timestamp now) {
  association_->Abort(now);
  TakeAssociationOutputs(now);
}

std::optional<ChannelOutput> DataChannels::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  std::optional<ChannelOutput> output(std::move(outputs_.front()));
  outputs_.pop_front();
  return output;
}

std::optional<uint16_t> DataChannels::FindOpen(std::string_view label) const {
  std::optional<uint16_t> best;
  uint64_t best_order = 0;
  for (const auto& [stream, channel] : channels_) {
    if (channel.state == ChannelState::kOpen && channel.parameters.label == label &&
        (!best || channel.order < best_order)) {
      best = stream;
      best_order = channel.order;
    }
  }
  return best;
}

const ChannelParameters* DataChannels::Find(uint16_t stream) const {
  const auto found = channels_.find(stream);
  return found == channels_.end() ? nullptr : &found->second.parameters;
}

void DataChannels::TakeAssociationOutputs(Timestamp now) {
  do {
    while (std::optional<AssociationOutput> output = association_->PollOutput()) {
      HandleOutput(now, *std::move(output));
    }
  } while (SendWaitingControl(now));
}

void DataChannels::HandleOutput(Timestamp now, AssociationOutput output) {
  if (auto* const packet = std::get_if<SendPacket>(&output)) {
    outputs_.push_back(std::move(*packet));
  } else if (auto* const message = std::get_if<MessageReceived>(&output)) {
    HandleMessage(now, std::move(*message));
  } else if (const auto* const reset = std::get_if<StreamReset>(&output)) {
    HandleStreamReset(now, reset->stream);
  } else if (std::holds_alternative<Connected>(output)) {
    HandleConnected();
  } else if (std::holds_alternative<Stuck>(output)) {
    outputs_.push_back(ChannelsStuck{});
  } else if (const auto* const closed = std::get_if<Closed>(&output)) {
    channels_.clear();
    waiting_control_.clear();
    outputs_.push_back(ChannelsLost{closed->reason});
  }
}

// A second one is a restart of the association, which the channels did not survive.
void DataChannels::HandleConnected() {
  if (!std::exchange(was_connected_, true)) {
    return;
  }
  waiting_control_.clear();
  while (!channels_.empty()) {
    Forget(channels_.begin());
  }
}

void DataChannels::HandleMessage(Timestamp now, MessageReceived&& message) {
  if (message.ppid == kPpidDcep) {
    HandleDcep(now, message.stream, message.payload);
    return;
  }
  const auto found = channels_.find(message.stream);
  if (found == channels_.end() || found->second.state == ChannelState::kClosing) {
    ++counters_.dropped_unknown_stream;
    return;
  }
  switch (message.ppid) {
    case kPpidString:
    case kPpidBinary:
      break;
    case kPpidEmptyString:
    case kPpidEmptyBinary:
      message.payload.clear();
      break;
    default:
      ++counters_.dropped_bad_ppid;
      return;
  }
  NoteOpen(message.stream, found->second);  // Whoever sends has seen our OPEN.
  const bool binary = message.ppid == kPpidBinary || message.ppid == kPpidEmptyBinary;
  outputs_.push_back(ChannelMessage{message.stream, binary, std::move(message.payload)});
}

void DataChannels::HandleDcep(Timestamp now, uint16_t stream, absl::Span<const uint8_t> bytes) {
  std::optional<DcepMessage> message = ParseDcep(bytes);
  if (!message) {
    ++counters_.dropped_bad_dcep;
    return;
  }
  if (auto* const parameters = std::get_if<ChannelParameters>(&*message)) {
    HandleOpen(now, stream, std::move(*parameters));
    return;
  }
  if (const auto found = channels_.find(stream); found != channels_.end()) {
    NoteOpen(stream, found->second);
  }
}

// Which parity the peer chooses is not our concern as long as the stream is free: clients that
// migrate shift their ids ([SCTP-7]).
void DataChannels::HandleOpen(Timestamp now, uint16_t stream, ChannelParameters parameters) {
  if (channels_.contains(stream)) {
    ++counters_.refused_stream_in_use;
    return;
  }
  if (channels_.size() >= kMaxChannels || waiting_control_.size() >= kMaxWaitingControl) {
    ++counters_.refused_too_many_channels;
    association_->ResetStream(now, stream);
    return;
  }
  waiting_control_.push_back({stream, BuildDcepAck()});
  channels_.emplace(
      stream,
      Channel{.parameters = parameters, .state = ChannelState::kOpen, .order = next_order_++});
  outputs_.push_back(ChannelOpened{stream, std::move(parameters)});
}

void DataChannels::HandleStreamReset(Timestamp now, uint16_t stream) {
  const auto found = channels_.find(stream);
  if (found == channels_.end()) {
    return;
  }
  if (found->second.state != ChannelState::kClosing) {
    association_->ResetStream(now, stream);  // RFC 8831 §6.7: answered in kind.
  }
  std::erase_if(waiting_control_,
                [stream](const WaitingControl& waiting) { return waiting.stream == stream; });
  Forget(found);
}

void DataChannels::NoteOpen(uint16_t stream, Channel& channel) {
  if (channel.state == ChannelState::kOpening) {
    channel.state = ChannelState::kOpen;
    outputs_.push_back(ChannelOpened{stream, channel.parameters});
  }
}

void DataChannels::Forget(std::map<uint16_t, Channel>::iterator channel) {
  outputs_.push_back(ChannelClosed{channel->first});
  channels_.erase(channel);
}

bool DataChannels::SendWaitingControl(Timestamp now) {
  bool sent = false;
  while (!waiting_control_.empty() && association_->connected()) {
    OutgoingMessage message;
    message.stream = waiting_control_.front().stream;
    message.ppid = kPpidDcep;
    message.payload = waiting_control_.front().bytes;
    // A stream whose last reset is still on its way refuses too, and soon no longer does.
    const SendResult result = association_->Send(now, message);
    if (result == SendResult::kBufferFull) {
      break;
    }
    const auto channel = channels_.find(message.stream);
    if (result != SendResult::kQueued && channel != channels_.end()) {
      Forget(channel);  // The peer takes fewer streams than that.
    }
    waiting_control_.pop_front();
    sent = true;
  }
  return sent;
}

}  // namespace sfu::sctp

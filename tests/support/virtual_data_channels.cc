#include "tests/support/virtual_data_channels.h"

#include <utility>

namespace sfu {

void VirtualDataChannels::Connect(Timestamp now) {
  association_->Connect(now);
  TakeOutputs(now);
}

void VirtualDataChannels::Open(Timestamp now, sctp::ChannelParameters parameters) {
  channels_[next_stream_] = {.parameters = std::move(parameters)};
  next_stream_ = static_cast<uint16_t>(next_stream_ + 2);
  AnnounceChannels(now);
  TakeOutputs(now);
}

void VirtualDataChannels::HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) {
  association_->HandlePacket(now, packet);
  TakeOutputs(now);
}

void VirtualDataChannels::HandleTimeout(Timestamp now) {
  association_->HandleTimeout(now);
  TakeOutputs(now);
}

bool VirtualDataChannels::Send(Timestamp now, std::string_view label,
                               absl::Span<const uint8_t> bytes) {
  for (const auto& [stream, channel] : channels_) {
    if (!channel.open || channel.parameters.label != label) {
      continue;
    }
    const sctp::SendResult result =
        association_->Send(now, {.stream = stream,
                                 .ppid = sctp::kPpidBinary,
                                 .ordered = channel.parameters.ordered,
                                 .max_retransmits = channel.parameters.max_retransmits,
                                 .payload = bytes});
    TakeOutputs(now);
    return result == sctp::SendResult::kQueued;
  }
  return false;
}

void VirtualDataChannels::Abort(Timestamp now) {
  association_->Abort(now);
  TakeOutputs(now);
}

std::optional<VirtualDataChannels::Output> VirtualDataChannels::PollOutput() {
  if (outputs_.empty()) {
    return std::nullopt;
  }
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

bool VirtualDataChannels::IsOpen(std::string_view label) const { return Find(label) != nullptr; }

const sctp::ChannelParameters* VirtualDataChannels::Find(std::string_view label) const {
  for (const auto& [stream, channel] : channels_) {
    if (channel.open && channel.parameters.label == label) {
      return &channel.parameters;
    }
  }
  return nullptr;
}

void VirtualDataChannels::TakeOutputs(Timestamp now) {
  while (std::optional<sctp::AssociationOutput> output = association_->PollOutput()) {
    if (auto* packet = std::get_if<sctp::SendPacket>(&*output)) {
      outputs_.push_back(Packet{std::move(packet->packet)});
    } else if (auto* message = std::get_if<sctp::MessageReceived>(&*output)) {
      HandleMessage(now, std::move(*message));
    } else if (std::holds_alternative<sctp::Connected>(*output)) {
      AnnounceChannels(now);
    } else if (const auto* reset = std::get_if<sctp::StreamReset>(&*output)) {
      channels_.erase(reset->stream);
      association_->ResetStream(now, reset->stream);
    } else if (std::holds_alternative<sctp::Closed>(*output)) {
      channels_.clear();
      outputs_.push_back(Lost());
    }
  }
}

void VirtualDataChannels::HandleMessage(Timestamp now, sctp::MessageReceived message) {
  if (message.ppid == sctp::kPpidDcep) {
    HandleDcep(now, message.stream, message.payload);
    return;
  }
  const auto channel = channels_.find(message.stream);
  if (channel != channels_.end()) {
    outputs_.push_back(Message{channel->second.parameters.label, std::move(message.payload)});
  }
}

void VirtualDataChannels::HandleDcep(Timestamp now, uint16_t stream,
                                     absl::Span<const uint8_t> bytes) {
  const std::optional<sctp::DcepMessage> dcep = sctp::ParseDcep(bytes);
  if (!dcep) {
    return;
  }
  Channel& channel = channels_[stream];
  if (const auto* parameters = std::get_if<sctp::ChannelParameters>(&*dcep)) {
    channel = {.parameters = *parameters, .announced = true};
    const std::vector<uint8_t> ack = sctp::BuildDcepAck();
    association_->Send(now, {.stream = stream,
                             .ppid = sctp::kPpidDcep,
                             .max_retransmits = std::nullopt,
                             .payload = ack});
  }
  channel.open = true;
  outputs_.push_back(Opened{channel.parameters.label});
}

void VirtualDataChannels::AnnounceChannels(Timestamp now) {
  if (!association_->connected()) {
    return;
  }
  for (auto& [stream, channel] : channels_) {
    if (channel.announced) {
      continue;
    }
    const std::vector<uint8_t> open = sctp::BuildDcepOpen(channel.parameters);
    channel.announced = association_->Send(now, {.stream = stream,
                                                 .ppid = sctp::kPpidDcep,
                                                 .max_retransmits = std::nullopt,
                                                 .payload = open}) == sctp::SendResult::kQueued;
  }
}

}  // namespace sfu

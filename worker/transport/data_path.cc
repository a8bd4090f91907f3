#include "worker/transport/data_path.h"

#include <utility>

namespace sfu::transport {
namespace {

constexpr std::array<std::string_view, kDataChannelKinds> kLabels = {"_reliable", "_lossy",
                                                                     "_data_track"};

std::optional<DataChannelKind> KindOf(std::string_view label) {
  for (size_t i = 0; i < kDataChannelKinds; ++i) {
    if (label == kLabels[i]) {
      return static_cast<DataChannelKind>(i);
    }
  }
  return std::nullopt;
}

sctp::ChannelParameters ParametersOf(DataChannelKind kind) {
  sctp::ChannelParameters parameters;
  parameters.label = kLabels[static_cast<size_t>(kind)];
  if (kind != DataChannelKind::kReliable) {
    parameters.ordered = false;
    parameters.max_retransmits = 0;
  }
  return parameters;
}

}  // namespace

DataPath::DataPath(std::unique_ptr<sctp::Association> association, bool opens_channels,
                   TransportCounters& counters)
    : channels_(std::move(association)), opens_channels_(opens_channels), counters_(counters) {}

void DataPath::Connect(Timestamp now) {
  channels_.Connect(now);
  if (!opens_channels_) {
    return;
  }
  for (size_t i = 0; i < kDataChannelKinds; ++i) {
    channels_.Open(now, ParametersOf(static_cast<DataChannelKind>(i)));
  }
}

void DataPath::HandlePacket(Timestamp now, absl::Span<const uint8_t> packet) {
  channels_.HandlePacket(now, packet);
}

void DataPath::HandleTimeout(Timestamp now) { channels_.HandleTimeout(now); }

DataSendResult DataPath::Send(Timestamp now, DataChannelKind kind,
                              absl::Span<const uint8_t> bytes) {
  const std::optional<uint16_t> stream = streams_[static_cast<size_t>(kind)];
  if (!stream) {
    return DataSendResult::kNotOpen;
  }
  if (kind != DataChannelKind::kReliable && channels_.buffered_bytes() > kLossyBufferLimitBytes) {
    return DataSendResult::kSlowReader;
  }
  switch (channels_.Send(now, *stream, /*binary=*/true, bytes)) {
    case sctp::SendResult::kQueued:
      return DataSendResult::kSent;
    case sctp::SendResult::kTooLarge:
      return DataSendResult::kTooLarge;
    case sctp::SendResult::kBufferFull:
      return DataSendResult::kSlowReader;
    case sctp::SendResult::kNotConnected:
    case sctp::SendResult::kNoSuchStream:
      break;
  }
  return DataSendResult::kNotOpen;
}

void DataPath::Abort(Timestamp now) { channels_.Abort(now); }

void DataPath::TakeOutputs(std::vector<sctp::SendPacket>& packets, TransportOutputs& out) {
  while (std::optional<sctp::ChannelOutput> output = channels_.PollOutput()) {
    HandleOutput(*std::move(output), packets, out);
  }
}

void DataPath::HandleOutput(sctp::ChannelOutput output, std::vector<sctp::SendPacket>& packets,
                            TransportOutputs& out) {
  if (auto* packet = std::get_if<sctp::SendPacket>(&output)) {
    packets.push_back(std::move(*packet));
  } else if (const auto* opened = std::get_if<sctp::ChannelOpened>(&output)) {
    HandleOpened(*opened, out);
  } else if (auto* message = std::get_if<sctp::ChannelMessage>(&output)) {
    HandleMessage(std::move(*message), out);
  } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&output)) {
    for (size_t i = 0; i < kDataChannelKinds; ++i) {
      if (streams_[i] == closed->stream) {
        streams_[i] = channels_.FindOpen(kLabels[i]);
      }
    }
  } else if (std::holds_alternative<sctp::ChannelsStuck>(output)) {
    out.push_back(DataChannelsStuck());
  } else if (std::holds_alternative<sctp::ChannelsLost>(output)) {
    streams_.fill(std::nullopt);
  }
}

void DataPath::HandleOpened(const sctp::ChannelOpened& opened, TransportOutputs& out) {
  const std::optional<DataChannelKind> kind = KindOf(opened.parameters.label);
  if (!kind) {
    return;  // Somebody else's channel: legal, and none of our business [SCTP-6].
  }
  std::optional<uint16_t>& stream = streams_[static_cast<size_t>(*kind)];
  if (!stream) {
    stream = opened.stream;
  }
  const bool usable = streams_[static_cast<size_t>(DataChannelKind::kReliable)] &&
                      streams_[static_cast<size_t>(DataChannelKind::kLossy)];
  if (usable && !reported_open_) {
    reported_open_ = true;
    out.push_back(DataChannelsOpen());
  }
}

void DataPath::HandleMessage(sctp::ChannelMessage message, TransportOutputs& out) {
  const sctp::ChannelParameters* const channel = channels_.Find(message.stream);
  const std::optional<DataChannelKind> kind =
      channel == nullptr ? std::nullopt : KindOf(channel->label);
  if (!kind) {
    counters_.dropped_data_unknown_label.Add();
    return;
  }
  counters_.data_messages_received.Add();
  out.push_back(DataMessage{*kind, std::move(message.payload)});
}

}  // namespace sfu::transport

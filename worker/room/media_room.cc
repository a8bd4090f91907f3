#include "worker/room/media_room.h"

#include <algorithm>
#include <utility>

namespace sfu::mediaroom {
namespace {

constexpr absl::Duration kLayersInterval = absl::Milliseconds(500);  // [LIV-1]
constexpr absl::Duration kQualityInterval = absl::Seconds(5);        // [CQ-4]
constexpr size_t kMaxEarlyWishes = 4096;  // One per track and subscriber being set up.

data::MemberId ToMember(ParticipantHandle participant) {
  return data::MemberId(participant.value());
}

absl::Span<const uint8_t> AsBytes(const std::string& text) {
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

transport::DataChannelKind ToKind(data::Channel channel) {
  return channel == data::Channel::kReliable ? transport::DataChannelKind::kReliable
                                             : transport::DataChannelKind::kLossy;
}

// Keeps the lowest score per participant.
void Lower(std::map<ParticipantHandle, double>& scores, ParticipantHandle participant,
           double score) {
  const auto [entry, added] = scores.emplace(participant, score);
  entry->second = std::min(entry->second, score);
}

TrackSource SourceOf(const Subscription& subscription) {
  return subscription.source() == nullptr ? TrackSource::kUnknown
                                          : subscription.source()->parameters().source;
}

}  // namespace

MediaRoom::MediaRoom(Timestamp now, RoomHandle handle, const RoomEnvironment& environment,
                     std::vector<RoomEvent>& events)
    : handle_(handle),
      environment_(environment),
      events_(handle, events),
      next_speakers_(now + audio_levels_.update_interval),
      next_layers_(now + kLayersInterval),
      next_quality_(now + kQualityInterval) {}

void MediaRoom::ConfigureParticipant(ParticipantHandle participant,
                                     ParticipantParameters parameters) {
  data_.ConfigureMember(ToMember(participant), {.sid = parameters.sid,
                                                .identity = parameters.identity,
                                                .hidden = parameters.hidden,
                                                .agent = parameters.agent,
                                                .can_publish_data = parameters.can_publish_data});
  participants_.insert_or_assign(participant, std::move(parameters));
}

Expected<RoomTransport*, Refusal> MediaRoom::OpenTransport(TransportHandle handle,
                                                           const TransportOptions& options,
                                                           transport::TransportId id) {
  if (RoomTransport* const open = FindTransport(handle)) {
    return open;
  }
  if (!participants_.contains(options.participant)) {
    return Unexpected(Refusal::kUnknownParticipant);
  }
  auto transport =
      std::make_unique<RoomTransport>(handle, id, options, audio_levels_, environment_, tracks_);
  if (options.carries_data_down) {
    data_transports_[ToMember(options.participant)] = transport.get();
  }
  return transports_.emplace(handle, std::move(transport)).first->second.get();
}

RoomTransport* MediaRoom::FindTransport(TransportHandle handle) {
  const auto transport = transports_.find(handle);
  return transport == transports_.end() ? nullptr : transport->second.get();
}

std::unique_ptr<RoomTransport> MediaRoom::RemoveTransport(Timestamp now, TransportHandle handle) {
  const auto found = transports_.find(handle);
  if (found == transports_.end()) {
    return nullptr;
  }
  std::unique_ptr<RoomTransport> transport = std::move(found->second);
  transports_.erase(found);
  std::erase_if(data_transports_,
                [&](const auto& entry) { return entry.second == transport.get(); });
  transport->publisher().Configure(now, {}, events_);
  transport->subscriber().Configure(now, {});
  transport->transport().Close(now);
  transport->outlet().MarkPending();
  return transport;
}

std::vector<TransportHandle> MediaRoom::TransportsOf(ParticipantHandle participant) const {
  std::vector<TransportHandle> handles;
  for (const auto& [handle, transport] : transports_) {
    if (transport->options().participant == participant) {
      handles.push_back(handle);
    }
  }
  return handles;
}

void MediaRoom::RemoveParticipant(ParticipantHandle participant) {
  participants_.erase(participant);
  data_.RemoveMember(ToMember(participant));
}

void MediaRoom::ConfigureReceivers(Timestamp now, RoomTransport& transport,
                                   const std::vector<ReceiverParameters>& receivers) {
  transport.publisher().Configure(now, receivers, events_);
  transport.ForgetEndedStreams();
}

void MediaRoom::ConfigureSenders(Timestamp now, RoomTransport& transport,
                                 const std::vector<SenderParameters>& senders) {
  transport.subscriber().Configure(now, senders);
  transport.ForgetEndedStreams();
  for (const SenderParameters& sender : senders) {
    const auto wishes = early_wishes_.find(sender.sender);
    if (wishes != early_wishes_.end()) {
      transport.subscriber().SetWishes(now, sender.sender, wishes->second);
      early_wishes_.erase(wishes);
    }
  }
}

void MediaRoom::ConfigureSubscription(Timestamp now, SenderHandle sender,
                                      const SubscriptionParameters& wishes) {
  for (const auto& [handle, transport] : transports_) {
    if (transport->subscriber().SetWishes(now, sender, wishes)) {
      return;
    }
  }
  if (early_wishes_.size() < kMaxEarlyWishes) {
    early_wishes_.insert_or_assign(sender, wishes);
  }
}

void MediaRoom::SendData(Timestamp now, data::Channel channel, std::string packet,
                         const std::vector<ParticipantHandle>& receivers) {
  std::vector<data::MemberId> members;
  for (const ParticipantHandle receiver : receivers) {
    members.push_back(ToMember(receiver));
  }
  Deliver(now, data_.RouteFromServer(channel, std::move(packet), members));
}

void MediaRoom::HandleOutputs(Timestamp now, RoomTransport& transport,
                              transport::TransportOutputs& outputs) {
  for (transport::TransportOutput& output : outputs) {
    HandleOutput(now, transport, output);
  }
  outputs.clear();
  transport.outlet().MarkPending();
}

void MediaRoom::HandleOutput(Timestamp now, RoomTransport& from,
                             transport::TransportOutput& output) {
  if (auto* rtp = std::get_if<transport::RtpReceived>(&output)) {
    from.HandleRtp(now, std::move(*rtp), events_);
  } else if (const auto* rtcp = std::get_if<transport::RtcpReceived>(&output)) {
    from.HandleRtcp(now, *rtcp);
  } else if (const auto* changed = std::get_if<transport::StateChanged>(&output)) {
    if (changed->state == transport::TransportState::kConnected) {
      from.NoteConnected();
    }
    events_.Add(TransportStateChanged{from.handle(), changed->state});
  } else if (std::holds_alternative<transport::DataChannelsOpen>(output)) {
    HandleChannelsOpen(now, from);
  } else if (const auto* message = std::get_if<transport::DataMessage>(&output)) {
    HandleData(now, from.options().participant, *message);
  }
  // PathChanged and DataChannelsStuck are congestion control's, which docks here.
}

void MediaRoom::HandleChannelsOpen(Timestamp now, RoomTransport& transport) {
  transport.NoteDataChannelsOpen();
  events_.Add(DataChannelsReady{transport.handle()});
  if (!transport.options().carries_data_down) {
    return;
  }
  const data::MemberId member = ToMember(transport.options().participant);
  for (const auto& packet : data_.HandleReceiverReady(now, member)) {
    transport.outlet().SendData(now, transport::DataChannelKind::kReliable, AsBytes(*packet));
  }
}

void MediaRoom::HandleData(Timestamp now, ParticipantHandle sender,
                           const transport::DataMessage& message) {
  if (message.channel == transport::DataChannelKind::kDataTrack) {
    return;  // Data tracks are refused when they are announced, so nobody receives these.
  }
  const auto channel = message.channel == transport::DataChannelKind::kReliable
                           ? data::Channel::kReliable
                           : data::Channel::kLossy;
  const std::string_view bytes(reinterpret_cast<const char*>(message.bytes.data()),
                               message.bytes.size());
  if (const auto routed = data_.HandlePacket(now, ToMember(sender), channel, bytes)) {
    if (routed->stream) {
      environment_.counters
          .data_streams[static_cast<size_t>(routed->stream->kind)]
                       [static_cast<size_t>(routed->stream->media_type)]
          .Observe(*routed->stream, routed->receivers.size());
    }
    Deliver(now, *routed);
  }
}

void MediaRoom::Deliver(Timestamp now, const data::RoutedPacket& packet) {
  for (const data::MemberId receiver : packet.receivers) {
    RoomTransport* const transport = DataTransportOf(receiver);
    const bool sent =
        transport != nullptr &&
        transport->outlet().SendData(now, ToKind(packet.channel), AsBytes(*packet.bytes)) ==
            transport::DataSendResult::kSent;
    (sent ? environment_.counters.data_routed : environment_.counters.data_dropped).Add();
  }
}

RoomTransport* MediaRoom::DataTransportOf(data::MemberId member) {
  const auto transport = data_transports_.find(member);
  return transport == data_transports_.end() ? nullptr : transport->second;
}

void MediaRoom::HandleTimeout(Timestamp now) {
  if (next_speakers_ <= now) {
    ReportSpeakers(now);
    next_speakers_ = now + audio_levels_.update_interval;
  }
  if (next_layers_ <= now) {
    tracks_.ForEachSource([&](MediaSource& source) { source.UpdateLayers(now); });
    next_layers_ = now + kLayersInterval;
  }
  if (next_quality_ <= now) {
    ReportQualities();
    next_quality_ = now + kQualityInterval;
  }
}

Timestamp MediaRoom::NextTimeout() const {
  return std::min({next_speakers_, next_layers_, next_quality_});
}

void MediaRoom::ReportSpeakers(Timestamp now) {
  std::map<ParticipantHandle, double> levels;
  tracks_.ForEachSource([&](const MediaSource& source) {
    double& level = levels[source.publisher()];
    level = std::max(level, source.Loudness(now));
  });
  std::vector<Speaker> changes = speakers_.Update(levels);
  if (!changes.empty()) {
    events_.Add(SpeakersChanged{std::move(changes)});
  }
}

void MediaRoom::ReportQualities() {
  std::map<ParticipantHandle, double> scores;
  tracks_.ForEachSource([&](MediaSource& source) {
    const StreamWindow window = source.TakeWindow();
    source.quality().HandleWindow(window);
    environment_.counters
        .StreamsOf(StreamDirection::kIncoming, source.parameters().source, source.parameters().kind)
        .Observe(window);
    Lower(scores, source.publisher(), source.quality().score());
  });
  for (const auto& [handle, transport] : transports_) {
    const absl::Duration round_trip =
        transport->subscriber().round_trip().value_or(absl::ZeroDuration());
    transport->subscriber().ForEachSubscription([&](Subscription& subscription) {
      const StreamWindow window = subscription.TakeWindow(round_trip);
      subscription.quality().HandleWindow(window);
      environment_.counters
          .StreamsOf(StreamDirection::kOutgoing, SourceOf(subscription),
                     subscription.parameters().kind)
          .Observe(window);
      Lower(scores, transport->options().participant, subscription.quality().score());
    });
  }
  for (const auto& [participant, score] : scores) {
    environment_.counters.ObserveQuality(score);
  }
  std::vector<ParticipantQuality> changes = quality_.Update(scores);
  if (!changes.empty()) {
    events_.Add(QualitiesChanged{std::move(changes)});
  }
}

}  // namespace sfu::mediaroom

#include "worker/data/data_router.h"

#include <algorithm>
#include <utility>

namespace sfu::data {
namespace {

using livekit::DataPacket;

template <typename Repeated>
bool Contains(const Repeated& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Who the packet is for; empty lists mean everybody.
struct Destinations {
  explicit Destinations(const DataPacket& packet)
      : identities(packet.destination_identities().begin(), packet.destination_identities().end()) {
    if (packet.has_user()) {
      sids.assign(packet.user().destination_sids().begin(), packet.user().destination_sids().end());
      const auto& legacy = packet.user().destination_identities();
      identities.insert(identities.end(), legacy.begin(), legacy.end());
    }
  }

  bool Include(const Member& member) const {
    return (identities.empty() && sids.empty()) || Contains(identities, member.identity) ||
           Contains(sids, member.sid);
  }

  std::vector<std::string> identities;
  std::vector<std::string> sids;
};

// Agents speak for others in transcripts of chat and in text streams, and are marked for it.
bool KeepsForeignIdentity(const Member& sender, DataPacket& packet) {
  if (!sender.agent || packet.participant_identity().empty() ||
      packet.participant_identity() == sender.identity) {
    return false;
  }
  if (packet.has_chat_message()) {
    packet.mutable_chat_message()->set_generated(true);
    return true;
  }
  if (packet.has_stream_header() && packet.stream_header().has_text_header()) {
    packet.mutable_stream_header()->mutable_text_header()->set_generated(true);
    return true;
  }
  return false;
}

// Old clients read the sender and the destinations inside the user packet, new ones outside.
void AlignUserPacket(const Member& sender, DataPacket& packet) {
  livekit::UserPacket& user = *packet.mutable_user();
  user.set_participant_sid(sender.hidden ? "" : sender.sid);
  user.set_participant_identity(sender.hidden ? "" : sender.identity);
  if (packet.destination_identities().empty()) {
    *packet.mutable_destination_identities() = user.destination_identities();
  } else {
    *user.mutable_destination_identities() = packet.destination_identities();
  }
}

void StampSender(const Member& sender, Channel channel, DataPacket& packet) {
  packet.set_kind(channel == Channel::kReliable ? DataPacket::RELIABLE : DataPacket::LOSSY);
  packet.set_participant_sid(sender.sid);
  if (!KeepsForeignIdentity(sender, packet)) {
    packet.set_participant_identity(sender.hidden ? "" : sender.identity);
  }
  if (packet.has_user()) {
    AlignUserPacket(sender, packet);
  }
}

}  // namespace

void DataRouter::ConfigureMember(MemberId id, Member member) {
  members_[id].member = std::move(member);
}

void DataRouter::RemoveMember(MemberId id) { members_.erase(id); }

std::vector<std::shared_ptr<const std::string>> DataRouter::HandleReceiverReady(Timestamp now,
                                                                                MemberId id) {
  const auto member = members_.find(id);
  if (member == members_.end() || member->second.ready) {
    return {};
  }
  member->second.ready = true;
  ForgetOld(now);
  std::vector<std::shared_ptr<const std::string>> backlog;
  for (const Missed& missed : missed_) {
    if (std::find(missed.not_ready.begin(), missed.not_ready.end(), id) != missed.not_ready.end()) {
      backlog.push_back(missed.bytes);
    }
  }
  return backlog;
}

std::optional<RoutedPacket> DataRouter::HandlePacket(Timestamp now, MemberId sender_id,
                                                     Channel channel, std::string_view bytes) {
  const auto sender = members_.find(sender_id);
  if (sender == members_.end() || !sender->second.member.can_publish_data) {
    ++counters_.dropped_not_permitted;
    return std::nullopt;
  }
  DataPacket packet;
  if (!packet.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    ++counters_.dropped_unparsable;
    return std::nullopt;
  }
  if (!MayRelay(sender->second.member, packet) || IsRepeat(sender->second, packet, channel)) {
    return std::nullopt;
  }
  StampSender(sender->second.member, channel, packet);

  const Destinations destinations(packet);
  RoutedPacket routed;
  routed.channel = channel;
  std::vector<MemberId> not_ready;
  for (const auto& [id, state] : members_) {
    if (id != sender_id && destinations.Include(state.member)) {
      (state.ready ? routed.receivers : not_ready).push_back(id);
    }
  }
  routed.bytes = std::make_shared<const std::string>(packet.SerializeAsString());
  if (channel == Channel::kReliable && !not_ready.empty()) {
    Remember(now, std::move(not_ready), routed.bytes);
  }
  if (routed.receivers.empty()) {
    return std::nullopt;
  }
  if (packet.has_stream_header()) {
    routed.stream = Describe(packet.stream_header());
  }
  ++counters_.routed;
  return routed;
}

RoutedPacket DataRouter::RouteFromServer(Channel channel, std::string packet,
                                         const std::vector<MemberId>& receivers) const {
  RoutedPacket routed;
  routed.channel = channel;
  routed.bytes = std::make_shared<const std::string>(std::move(packet));
  for (const auto& [id, state] : members_) {
    const bool wanted =
        receivers.empty() || std::find(receivers.begin(), receivers.end(), id) != receivers.end();
    if (wanted && state.ready) {
      routed.receivers.push_back(id);
    }
  }
  return routed;
}

// A resuming client sends again what it is not sure of, with the old numbers.
bool DataRouter::IsRepeat(MemberState& sender, const DataPacket& packet, Channel channel) {
  if (channel == Channel::kReliable && packet.sequence() != 0) {
    if (packet.sequence() <= sender.last_sequence) {
      ++counters_.dropped_duplicate;
      return true;
    }
    sender.last_sequence = packet.sequence();
  }
  if (IsRepeatedNonce(packet)) {
    ++counters_.dropped_duplicate;
    return true;
  }
  return false;
}

bool DataRouter::IsRepeatedNonce(const DataPacket& packet) {
  if (!packet.has_user() || packet.user().nonce().empty()) {
    return false;
  }
  if (!nonces_.insert(packet.user().nonce()).second) {
    return true;
  }
  nonce_order_.push_back(packet.user().nonce());
  if (nonce_order_.size() > options_.remembered_nonces) {
    nonces_.erase(nonce_order_.front());
    nonce_order_.pop_front();
  }
  return false;
}

bool DataRouter::MayRelay(const Member& sender, const DataPacket& packet) {
  if (packet.has_transcription() && !sender.agent) {
    ++counters_.dropped_not_permitted;
    return false;
  }
  if (packet.has_metrics()) {
    ++counters_.dropped_not_relayed;
    return false;
  }
  return true;
}

void DataRouter::Remember(Timestamp now, std::vector<MemberId> not_ready,
                          const std::shared_ptr<const std::string>& bytes) {
  ForgetOld(now);
  missed_.push_back({now, std::move(not_ready), bytes});
  missed_bytes_ += bytes->size();
  while (missed_bytes_ > options_.catch_up_bytes) {
    missed_bytes_ -= missed_.front().bytes->size();
    missed_.pop_front();
    ++counters_.catch_up_evicted;
  }
}

void DataRouter::ForgetOld(Timestamp now) {
  while (!missed_.empty() && now - missed_.front().at > options_.catch_up_age) {
    missed_bytes_ -= missed_.front().bytes->size();
    missed_.pop_front();
  }
}

}  // namespace sfu::data

#include "tests/support/virtual_client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/full_intra_request.h"
#include "worker/rtcp/nack.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtp/rtp_packet_view.h"

namespace sfu {
namespace {

using rtcp::PacketType;

constexpr absl::Duration kFeedbackInterval = absl::Milliseconds(20);
constexpr absl::Duration kReportInterval = absl::Seconds(1);
constexpr size_t kMaxUnclaimed = 1000;

std::string CidOf(uint32_t number) { return fmt::format("cid-{}", number); }

VirtualConnection::Options PublisherOptions(const VirtualClient::Options& options) {
  return {.address = options.address,
          .opens_data_channels = true,
          .names_candidates = options.names_candidates};
}

// With two connections, the server opens the channels of the second.
VirtualConnection::Options SubscriberOptions(const VirtualClient::Options& options) {
  const auto port = static_cast<uint16_t>(options.address.port() + 1);
  return {.address = options.address.WithPort(port),
          .opens_data_channels = false,
          .names_candidates = options.names_candidates};
}

void AddLayers(livekit::AddTrackRequest& request) {
  constexpr uint32_t kWidth = 320;
  constexpr uint32_t kHeight = 180;
  request.set_width(kWidth << 2);
  request.set_height(kHeight << 2);
  for (uint32_t layer = 0; layer < 3; ++layer) {
    livekit::VideoLayer& added = *request.add_layers();
    added.set_quality(static_cast<livekit::VideoQuality>(layer));
    added.set_width(kWidth << layer);
    added.set_height(kHeight << layer);
    added.set_bitrate(150'000u << (2 * layer));
  }
}

}  // namespace

VirtualClient::VirtualClient(const Options& options, Random& random, const dtls::Context& context,
                             sctp::AssociationFactory& associations)
    : options_(options),
      random_(random),
      publisher_(PublisherOptions(options), random, context, associations),
      subscriber_(SubscriberOptions(options), random, context, associations),
      feedback_ssrc_(random.NextU32() | 1) {
  publisher_.AddSection(sdp::MediaKind::kApplication, sdp::Direction::kSendRecv);
  if (options_.single_connection) {
    publisher_.AddSection(sdp::MediaKind::kAudio, sdp::Direction::kRecvOnly);
    publisher_.AddSection(sdp::MediaKind::kVideo, sdp::Direction::kRecvOnly);
  }
}

std::optional<livekit::SessionDescription> VirtualClient::FirstOffer() {
  return options_.single_connection ? std::optional(publisher_.Offer()) : std::nullopt;
}

// --- What the user does.

void VirtualClient::Publish(uint32_t number, rtp::MediaKind kind) {
  livekit::AddTrackRequest request;
  request.set_cid(CidOf(number));
  request.set_name(fmt::format("track {}", number));
  if (kind == rtp::MediaKind::kAudio) {
    request.set_type(livekit::AUDIO);
    request.set_source(livekit::MICROPHONE);
  } else {
    request.set_type(livekit::VIDEO);
    request.set_source(livekit::CAMERA);
    AddLayers(request);
  }
  *AddRequest().mutable_add_track() = request;
  publications_.try_emplace(number, Publication{std::move(request), "", "", false, false,
                                                VirtualPublication(number, kind, random_)});
}

void VirtualClient::Unpublish(uint32_t number) {
  Publication& publication = publications_.at(number);
  publication.ended = true;
  publication.media.Stop();
  if (!publication.mid.empty()) {
    publisher_.SetDirection(publication.mid, sdp::Direction::kInactive);
    Negotiate();
  }
}

void VirtualClient::SetMuted(uint32_t number, bool muted) {
  Publication& publication = publications_.at(number);
  publication.media.SetMuted(muted);
  publication.muted = muted;
  livekit::MuteTrackRequest& request = *AddRequest().mutable_mute();
  request.set_sid(publication.sid);
  request.set_muted(muted);
}

void VirtualClient::Subscribe(std::string_view track_sid, bool subscribed) {
  livekit::UpdateSubscription& request = *AddRequest().mutable_subscription();
  request.add_track_sids(std::string(track_sid));
  request.set_subscribe(subscribed);
  subscribed_.insert_or_assign(std::string(track_sid), subscribed);
}

void VirtualClient::SetQuality(std::string_view track_sid, livekit::VideoQuality quality,
                               bool disabled) {
  livekit::UpdateTrackSettings& request = *AddRequest().mutable_track_setting();
  request.add_track_sids(std::string(track_sid));
  request.set_quality(quality);
  request.set_disabled(disabled);
  settings_.insert_or_assign(std::string(track_sid), request);
}

void VirtualClient::AllowOnly(const std::optional<std::vector<std::string>>& identities) {
  livekit::SubscriptionPermission& request = *AddRequest().mutable_subscription_permission();
  request.set_all_participants(!identities.has_value());
  if (identities) {
    for (const std::string& identity : *identities) {
      livekit::TrackPermission& permission = *request.add_track_permissions();
      permission.set_participant_identity(identity);
      permission.set_all_tracks(true);
    }
  }
  permission_ = request;
}

void VirtualClient::RequestKeyframes(Timestamp now) {
  for (const auto& reception : receptions_) {
    if (!reception->ended()) {
      reception->WantKeyframe(now);
    }
  }
}

bool VirtualClient::SendData(Timestamp now, bool reliable, std::string_view payload,
                             const std::vector<std::string>& to) {
  livekit::DataPacket packet;
  packet.mutable_user()->set_payload(std::string(payload));
  for (const std::string& identity : to) {
    packet.add_destination_identities(identity);
  }
  if (reliable) {
    packet.set_sequence(++data_sequence_);
  } else {
    packet.set_kind(livekit::DataPacket::LOSSY);
  }
  const std::string bytes = packet.SerializeAsString();
  return publisher_.peer().SendMessage(
      now, reliable ? "_reliable" : "_lossy",
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

void VirtualClient::Leave() {
  livekit::LeaveRequest& request = *AddRequest().mutable_leave();
  request.set_reason(livekit::CLIENT_INITIATED);
  publisher_.peer().Close();
  subscriber_.peer().Close();
  Vanish();
}

void VirtualClient::Vanish() {
  gone_ = true;
  for (auto& [number, publication] : publications_) {
    publication.ended = true;
    publication.media.Stop();
  }
}

// --- Signalling.

void VirtualClient::HandleResponse(Timestamp now, const livekit::SignalResponse& response) {
  switch (response.message_case()) {
    case livekit::SignalResponse::kJoin:
      self_ = response.join().participant();
      for (const livekit::ParticipantInfo& other : response.join().other_participants()) {
        others_[other.identity()] = other;
      }
      next_feedback_ = now + kFeedbackInterval;
      next_report_ = now + kReportInterval;
      if (options_.names_candidates) {
        AddRequest().mutable_trickle()->set_candidateinit(
            fmt::format(R"({{"candidate":"candidate:1 1 udp 2130706431 {} {} typ host",)"
                        R"("sdpMid":"0","sdpMLineIndex":0}})",
                        options_.address.ToWireString(), options_.address.port()));
      }
      if (!options_.single_connection) {
        Negotiate();
      }
      break;
    case livekit::SignalResponse::kReconnect:
      HandleReconnect();
      break;
    case livekit::SignalResponse::kUpdate:
      HandleUpdate(response.update());
      break;
    case livekit::SignalResponse::kAnswer:
      HandleAnswer(now, response.answer());
      break;
    case livekit::SignalResponse::kOffer:
      *AddRequest().mutable_answer() = subscriber_.Answer(now, response.offer());
      UpdateReceptions(now, subscriber_);
      break;
    case livekit::SignalResponse::kTrackPublished:
      HandleTrackPublished(response.track_published());
      break;
    case livekit::SignalResponse::kMediaSectionsRequirement:
      HandleRequirement(response.media_sections_requirement());
      break;
    case livekit::SignalResponse::kLeave:
      Vanish();
      break;
    default:
      break;
  }
}

void VirtualClient::HandleUpdate(const livekit::ParticipantUpdate& update) {
  for (const livekit::ParticipantInfo& info : update.participants()) {
    if (self_ && info.sid() == self_->sid()) {
      self_ = info;
      CorrectMute(info);
    } else if (info.state() != livekit::ParticipantInfo::DISCONNECTED) {
      others_[info.identity()] = info;
    } else if (const auto known = others_.find(info.identity());
               known != others_.end() && known->second.sid() == info.sid()) {
      others_.erase(known);
    }
  }
}

// As JavaScript does it: the state first, then the offer with the restart, then all else that the
// server may not have heard.
void VirtualClient::HandleReconnect() {
  resuming_ = false;
  std::vector<livekit::SignalRequest> waiting = std::exchange(requests_, {});
  std::erase_if(waiting, [](const auto& request) { return request.has_offer(); });
  *AddRequest().mutable_sync_state() = State();
  publisher_.RestartIce();
  offer_again_ = false;
  *AddRequest().mutable_offer() = publisher_.Offer();
  requests_.insert(requests_.end(), waiting.begin(), waiting.end());
  RepeatWhatMayBeLost();
}

livekit::SyncState VirtualClient::State() const {
  livekit::SyncState state;
  state.mutable_subscription()->set_subscribe(false);  // With auto_subscribe: what we do not want.
  for (const auto& [sid, subscribed] : subscribed_) {
    if (!subscribed) {
      state.mutable_subscription()->add_track_sids(sid);
    }
  }
  for (const auto& [sid, settings] : settings_) {
    if (settings.disabled()) {
      state.add_track_sids_disabled(sid);
    }
  }
  for (const auto& [number, publication] : publications_) {
    if (!publication.ended && !publication.sid.empty()) {
      livekit::TrackPublishedResponse& published = *state.add_publish_tracks();
      published.set_cid(CidOf(number));
      published.mutable_track()->set_sid(publication.sid);
    }
  }
  return state;
}

void VirtualClient::RepeatWhatMayBeLost() {
  if (permission_) {
    *AddRequest().mutable_subscription_permission() = *permission_;
  }
  for (const auto& [sid, settings] : settings_) {
    *AddRequest().mutable_track_setting() = settings;
  }
  for (const auto& [number, publication] : publications_) {
    if (!publication.ended && publication.sid.empty()) {
      *AddRequest().mutable_add_track() = publication.request;
    }
  }
}

// Trap 34.
void VirtualClient::CorrectMute(const livekit::ParticipantInfo& self) {
  for (const livekit::TrackInfo& track : self.tracks()) {
    for (const auto& [number, publication] : publications_) {
      if (publication.sid == track.sid() && publication.muted != track.muted()) {
        AddRequest().mutable_mute()->set_sid(track.sid());
        requests_.back().mutable_mute()->set_muted(publication.muted);
      }
    }
  }
}

void VirtualClient::HandleTrackPublished(const livekit::TrackPublishedResponse& published) {
  for (auto& [number, publication] : publications_) {
    if (CidOf(number) != published.cid() || publication.ended || !publication.mid.empty()) {
      continue;
    }
    publication.sid = published.track().sid();
    const bool audio = publication.media.kind() == rtp::MediaKind::kAudio;
    publication.mid = publisher_.AddSection(audio ? sdp::MediaKind::kAudio : sdp::MediaKind::kVideo,
                                            sdp::Direction::kSendOnly, published.cid());
    Negotiate();
  }
}

void VirtualClient::HandleRequirement(const livekit::MediaSectionsRequirement& requirement) {
  for (uint32_t i = 0; i < requirement.num_audios(); ++i) {
    publisher_.AddSection(sdp::MediaKind::kAudio, sdp::Direction::kRecvOnly);
  }
  for (uint32_t i = 0; i < requirement.num_videos(); ++i) {
    publisher_.AddSection(sdp::MediaKind::kVideo, sdp::Direction::kRecvOnly);
  }
  Negotiate();
}

void VirtualClient::Negotiate() {
  if (publisher_.awaits_answer()) {
    offer_again_ = true;
    return;
  }
  *AddRequest().mutable_offer() = publisher_.Offer();
}

void VirtualClient::HandleAnswer(Timestamp now, const livekit::SessionDescription& answer) {
  if (!publisher_.HandleAnswer(now, answer)) {
    return;
  }
  for (auto& [number, publication] : publications_) {
    const auto format = publisher_.FormatOf(publication.mid);
    if (format && !publication.ended) {
      publication.media.Start(now, *format);
    }
  }
  if (options_.single_connection) {
    UpdateReceptions(now, publisher_);
  }
  if (std::exchange(offer_again_, false)) {
    Negotiate();
  }
}

void VirtualClient::UpdateReceptions(Timestamp now, const VirtualConnection& connection) {
  const std::vector<VirtualReception::Format> tracks = connection.ReceivedTracks();
  for (const auto& reception : receptions_) {
    const bool named = std::any_of(tracks.begin(), tracks.end(), [&](const auto& track) {
      return track.ssrc == reception->format().ssrc;
    });
    if (!named) {
      reception->End();
    }
  }
  for (const VirtualReception::Format& track : tracks) {
    if (!by_ssrc_.contains(track.ssrc)) {
      receptions_.push_back(std::make_unique<VirtualReception>(now, track));
      by_ssrc_[track.ssrc] = receptions_.back().get();
      if (track.rtx_ssrc) {
        by_ssrc_[*track.rtx_ssrc] = receptions_.back().get();
      }
    }
  }
  std::erase_if(unclaimed_, [&](const Unclaimed& early) { return Claim(early.at, early.packet); });
}

// --- Media.

void VirtualClient::HandleDatagram(Timestamp now, Link link, absl::Span<const uint8_t> datagram) {
  VirtualPeer& peer = connection(link).peer();
  peer.HandleDatagram(now, peer.local_address(), datagram);
}

std::optional<VirtualPeer::Datagram> VirtualClient::PollDatagram(Timestamp now, Link link) {
  while (std::optional<VirtualPeer::Output> output = connection(link).peer().PollOutput()) {
    if (auto* datagram = std::get_if<VirtualPeer::Datagram>(&*output)) {
      return std::move(*datagram);
    }
    if (const auto* rtp = std::get_if<VirtualPeer::Rtp>(&*output)) {
      HandleRtp(now, rtp->bytes);
    } else if (const auto* rtcp = std::get_if<VirtualPeer::Rtcp>(&*output)) {
      HandleRtcp(now, rtcp->bytes);
    } else if (const auto* message = std::get_if<VirtualPeer::Message>(&*output)) {
      HandleMessage(message->label, message->bytes);
    } else if (std::holds_alternative<VirtualPeer::Connected>(*output)) {
      refused_before_keys_ += connection(link).peer().counters().rtp_refused;
    }
  }
  return std::nullopt;
}

void VirtualClient::HandleRtp(Timestamp now, absl::Span<const uint8_t> packet) {
  if (!Claim(now, packet) && unclaimed_.size() < kMaxUnclaimed) {
    const auto view = rtp::RtpPacketView::Parse(packet);
    SFU_CHECK(view.has_value());
    unclaimed_.push_back({view->ssrc(), {packet.begin(), packet.end()}, now});
  }
}

bool VirtualClient::Claim(Timestamp now, absl::Span<const uint8_t> packet) {
  const auto view = rtp::RtpPacketView::Parse(packet);
  SFU_CHECK(view.has_value());
  const auto known = by_ssrc_.find(view->ssrc());
  if (known == by_ssrc_.end()) {
    return false;
  }
  VirtualReception& reception = *known->second;
  const auto mark = view->ssrc() == reception.format().ssrc ? reception.HandleRtp(now, *view)
                                                            : reception.HandleRtx(now, *view);
  if (mark) {
    arrivals_.push_back({reception.format().track_sid, *mark});
  }
  return true;
}

void VirtualClient::HandleRtcp(Timestamp now, absl::Span<const uint8_t> compound) {
  const auto packets = rtcp::CompoundView::Parse(compound);
  SFU_CHECK(packets.has_value());
  MediaOutput output;
  const auto for_each = [&](auto action) {
    for (auto& [number, publication] : publications_) {
      action(publication.media);
    }
  };
  const auto handle_blocks = [&](const rtcp::ReportBlocksView& blocks) {
    for (size_t i = 0; i < blocks.size(); ++i) {
      for_each([&](VirtualPublication& media) { media.HandleReport(blocks[i].source); });
    }
  };
  for (const rtcp::SubPacket packet : *packets) {
    if (packet.type == PacketType::kSenderReport) {
      const auto report = rtcp::SenderReportView::Parse(packet);
      SFU_CHECK(report.has_value());
      if (const auto known = by_ssrc_.find(report->report.sender); known != by_ssrc_.end()) {
        known->second->HandleSenderReport(now, report->report.ntp);
      }
      handle_blocks(report->blocks);
    } else if (packet.type == PacketType::kReceiverReport) {
      handle_blocks(rtcp::ReceiverReportView::Parse(packet).value().blocks);
    } else if (const auto nack = rtcp::NackView::Parse(packet)) {
      nack->ForEach([&](rtp::SequenceNumber missing) {
        for_each(
            [&](VirtualPublication& media) { media.HandleNack(nack->media(), missing, output); });
      });
    } else if (const auto loss = rtcp::PictureLoss::Parse(packet)) {
      for_each([&](VirtualPublication& media) { media.HandleKeyframeRequest(loss->media); });
    } else if (const auto request = rtcp::FullIntraRequestView::Parse(packet)) {
      for (size_t i = 0; i < request->size(); ++i) {
        for_each([&](VirtualPublication& m) { m.HandleKeyframeRequest((*request)[i].media); });
      }
    }
  }
  SendMedia(Link::kPublisher, output);
}

void VirtualClient::HandleMessage(std::string_view /*label*/, absl::Span<const uint8_t> bytes) {
  livekit::DataPacket packet;
  SFU_CHECK(packet.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  data_.push_back(std::move(packet));
}

void VirtualClient::HandleTimeout(Timestamp now, absl::Time wall) {
  for (VirtualConnection* connection : {&publisher_, &subscriber_}) {
    if (connection->peer().NextTimeout() <= now) {
      connection->peer().HandleTimeout(now);
    }
  }
  if (gone_) {
    return;
  }
  MediaOutput output;
  for (auto& [number, publication] : publications_) {
    if (publication.media.NextTimeout() <= now) {
      publication.media.HandleTimeout(now, wall, output);
    }
  }
  SendMedia(Link::kPublisher, output);
  if (next_feedback_ <= now) {
    SendFeedback(now);
    next_feedback_ = now + kFeedbackInterval;
  }
}

void VirtualClient::SendFeedback(Timestamp now) {
  MediaOutput output;
  const bool report = next_report_ <= now;
  std::vector<rtcp::ReportBlock> blocks;
  for (const auto& reception : receptions_) {
    reception->AppendFeedback(now, feedback_ssrc_, output);
    if (report && !reception->ended() && !reception->packets().empty() &&
        blocks.size() < rtcp::kMaxReportBlocks) {
      blocks.push_back(reception->Report(now));
    }
  }
  if (report) {
    std::vector<uint8_t> compound(rtcp::ReceiverReportSize(blocks.size()));
    ByteWriter writer(absl::MakeSpan(compound));
    rtcp::WriteReceiverReport(writer, feedback_ssrc_, blocks);
    output.rtcp.push_back(std::move(compound));
    next_report_ = now + kReportInterval;
  }
  SendMedia(receiving_link(), output);
}

void VirtualClient::SendMedia(Link link, const MediaOutput& output) {
  VirtualPeer& peer = connection(link).peer();
  for (const std::vector<uint8_t>& packet : output.rtp) {
    peer.SendRtp(packet);
  }
  for (const std::vector<uint8_t>& packet : output.rtcp) {
    peer.SendRtcp(packet);
  }
}

Timestamp VirtualClient::NextTimeout() const {
  if (gone_) {
    return Timestamp::Never();
  }
  Timestamp next =
      std::min({next_feedback_, publisher_.peer().NextTimeout(), subscriber_.peer().NextTimeout()});
  for (const auto& [number, publication] : publications_) {
    next = std::min(next, publication.media.NextTimeout());
  }
  return next;
}

// --- What it knows.

bool VirtualClient::connected() const {
  return publisher_.peer().connected() &&
         (options_.single_connection || !options_.can_subscribe || subscriber_.peer().connected());
}

std::string VirtualClient::TrackSid(uint32_t number) const {
  const auto found = publications_.find(number);
  return found == publications_.end() ? "" : found->second.sid;
}

const VirtualPublication* VirtualClient::FindPublication(uint32_t number) const {
  const auto found = publications_.find(number);
  return found == publications_.end() ? nullptr : &found->second.media;
}

std::vector<uint32_t> VirtualClient::Published() const {
  std::vector<uint32_t> numbers;
  for (const auto& [number, publication] : publications_) {
    if (!publication.ended) {
      numbers.push_back(number);
    }
  }
  return numbers;
}

uint64_t VirtualClient::refused_packets() const {
  uint64_t refused = 0;
  for (const VirtualConnection* connection : {&publisher_, &subscriber_}) {
    if (connection->peer().connected()) {
      refused += connection->peer().counters().rtp_refused;
    }
  }
  return refused - refused_before_keys_;
}

}  // namespace sfu

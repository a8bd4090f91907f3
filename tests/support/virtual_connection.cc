#include "tests/support/virtual_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include "common/base/check.h"
#include "common/sdp/sdp_parser.h"
#include "common/sdp/sdp_writer.h"
#include "worker/rtp/extension_map.h"

namespace sfu {
namespace {

using rtp::ExtensionType;

constexpr std::array<const char*, 3> kRids = {"q", "h", "f"};

sdp::PayloadType Payload(uint8_t number, std::string_view name, uint32_t clock_rate,
                         uint32_t channels, std::vector<std::string> feedback) {
  sdp::PayloadType payload;
  payload.number = number;
  payload.name = std::string(name);
  payload.clock_rate = clock_rate;
  payload.channels = channels;
  payload.feedback = std::move(feedback);
  return payload;
}

void AddExtension(sdp::MediaSection& section, uint16_t id, ExtensionType type) {
  section.extensions.push_back({id, std::string(rtp::ExtensionUri(type)), std::nullopt});
}

void DescribeAudio(sdp::MediaSection& section) {
  section.payload_types = {Payload(111, "opus", 48'000, 2, {"transport-cc"})};
  section.payload_types[0].parameters = sdp::FormatParameters::Parse("minptime=10;useinbandfec=1");
  AddExtension(section, 4, ExtensionType::kMid);
  AddExtension(section, 14, ExtensionType::kAudioLevel);
}

void DescribeVideo(sdp::MediaSection& section) {
  section.payload_types = {
      Payload(96, "VP8", 90'000, 1, {"transport-cc", "ccm fir", "nack", "nack pli"}),
      Payload(97, "rtx", 90'000, 1, {})};
  section.payload_types[1].parameters = sdp::FormatParameters::Parse("apt=96");
  AddExtension(section, 4, ExtensionType::kMid);
  AddExtension(section, 10, ExtensionType::kRtpStreamId);
  AddExtension(section, 11, ExtensionType::kRepairedRtpStreamId);
  if (sdp::Sends(section.direction)) {
    section.simulcast.emplace();
    for (const char* rid : kRids) {
      section.rids.push_back({rid, /*send=*/true, ""});
      section.simulcast->send.push_back({rid, false});
    }
  }
}

// "candidate:<foundation> 1 udp <priority> <ip> <port> typ host".
SocketAddress AddressOf(const std::string& candidate) {
  const std::vector<std::string> parts = absl::StrSplit(candidate, ' ');
  uint32_t port = 0;
  SFU_CHECK(parts.size() >= 6 && absl::SimpleAtoi(parts[5], &port));
  const auto address = SocketAddress::Parse(parts[4], static_cast<uint16_t>(port));
  SFU_CHECK(address.has_value());
  return *address;
}

}  // namespace

VirtualConnection::VirtualConnection(const Options& options, Random& random,
                                     const dtls::Context& context,
                                     sctp::AssociationFactory& associations)
    : options_(options),
      peer_(random, context, associations, {.opens_data_channels = options.opens_data_channels}) {}

std::string VirtualConnection::AddSection(sdp::MediaKind kind, sdp::Direction direction,
                                          std::string_view cid) {
  sdp::MediaSection section;
  section.kind = kind;
  section.mid = std::to_string(sections_.size());
  section.direction = direction;
  if (kind == sdp::MediaKind::kApplication) {
    section.protocol = "UDP/DTLS/SCTP";
    section.formats = {"webrtc-datachannel"};
    section.sctp_port = 5000;
    section.max_message_size = 262'144;
  } else {
    section.protocol = "UDP/TLS/RTP/SAVPF";
    section.rtcp_mux = true;
    section.rtcp_rsize = true;
    kind == sdp::MediaKind::kAudio ? DescribeAudio(section) : DescribeVideo(section);
    if (!cid.empty()) {
      section.msids = {{"stream", std::string(cid)}};
    }
  }
  sections_.push_back(std::move(section));
  return sections_.back().mid;
}

void VirtualConnection::SetDirection(std::string_view mid, sdp::Direction direction) {
  const auto section = std::find_if(sections_.begin(), sections_.end(),
                                    [&](const auto& candidate) { return candidate.mid == mid; });
  SFU_CHECK(section != sections_.end());
  section->direction = direction;
}

sdp::TransportAttributes VirtualConnection::LocalTransport(sdp::Setup setup) const {
  const std::string text = peer_.fingerprint().ToSdp();
  const size_t space = text.find(' ');
  sdp::TransportAttributes transport;
  transport.ice_ufrag = peer_.local_ice().ufrag;
  transport.ice_pwd = peer_.local_ice().password;
  transport.ice_options = {"trickle"};
  transport.fingerprints = {{text.substr(0, space), text.substr(space + 1)}};
  transport.setup = setup;
  return transport;
}

std::vector<std::string> VirtualConnection::Candidates() const {
  if (!options_.names_candidates) {
    return {};
  }
  return {fmt::format("candidate:1 1 udp 2130706431 {} {} typ host",
                      options_.address.ToWireString(), options_.address.port())};
}

livekit::SessionDescription VirtualConnection::Offer() {
  SFU_CHECK(!awaits_answer_);
  sdp::SessionDescription description;
  description.session_id = 42;
  description.session_version = offers_;
  description.extmap_allow_mixed = true;
  description.msid_semantic = "WMS *";
  description.sections = sections_;
  description.bundle_groups.emplace_back();
  for (sdp::MediaSection& section : description.sections) {
    section.transport = LocalTransport(sdp::Setup::kActPass);
    section.candidates = Candidates();
    description.bundle_groups[0].push_back(section.mid);
  }
  awaits_answer_ = true;
  livekit::SessionDescription offer;
  offer.set_type("offer");
  offer.set_id(++offers_);
  offer.set_sdp(sdp::Write(description));
  return offer;
}

void VirtualConnection::RestartIce() {
  awaits_answer_ = false;
  peer_.RenewLocalIce();
}

bool VirtualConnection::HandleAnswer(Timestamp now, const livekit::SessionDescription& answer) {
  if (!awaits_answer_ || answer.id() != offers_) {
    return false;
  }
  awaits_answer_ = false;
  HandleRemote(now, answer);
  HandleRestart(now, /*ours=*/true);
  return true;
}

livekit::SessionDescription VirtualConnection::Answer(Timestamp now,
                                                      const livekit::SessionDescription& offer) {
  HandleRemote(now, offer);
  HandleRestart(now, /*ours=*/false);
  sdp::SessionDescription description = remote_;
  description.ice_lite = false;
  description.transport = {};
  for (sdp::MediaSection& section : description.sections) {
    section.transport = LocalTransport(sdp::Setup::kActive);
    section.candidates = Candidates();
    section.direction =
        sdp::Sends(section.direction) ? sdp::Direction::kRecvOnly : sdp::Direction::kInactive;
    section.msids.clear();
    section.ssrcs.clear();
    section.ssrc_groups.clear();
  }
  livekit::SessionDescription answer;
  answer.set_type("answer");
  answer.set_id(offer.id());
  answer.set_sdp(sdp::Write(description));
  return answer;
}

void VirtualConnection::HandleRemote(Timestamp now,
                                     const livekit::SessionDescription& description) {
  auto parsed = sdp::Parse(description.sdp());
  SFU_CHECK(parsed.ok());
  remote_ = *std::move(parsed);
  if (started_) {
    return;
  }
  for (const sdp::MediaSection& section : remote_.sections) {
    if (section.rejected() || section.candidates.empty()) {
      continue;
    }
    const sdp::TransportAttributes transport = sdp::EffectiveTransport(remote_, section);
    VirtualPeer::Remote remote;
    remote.ice = {transport.ice_ufrag, transport.ice_pwd};
    for (const sdp::Fingerprint& fingerprint : transport.fingerprints) {
      const auto known = dtls::Fingerprint::Parse(fingerprint.algorithm + " " + fingerprint.value);
      SFU_CHECK(known.has_value());
      remote.fingerprints.push_back(*known);
    }
    remote.address = AddressOf(section.candidates.front());
    remote_ufrag_ = transport.ice_ufrag;
    peer_.Connect(now, options_.address, std::move(remote));
    started_ = true;
    return;
  }
}

void VirtualConnection::HandleRestart(Timestamp now, bool ours) {
  for (const sdp::MediaSection& section : remote_.sections) {
    const sdp::TransportAttributes transport = sdp::EffectiveTransport(remote_, section);
    if (section.rejected() || transport.ice_ufrag.empty()) {
      continue;
    }
    if (transport.ice_ufrag != remote_ufrag_) {
      remote_ufrag_ = transport.ice_ufrag;
      const ice::Credentials remote = {transport.ice_ufrag, transport.ice_pwd};
      ours ? peer_.CompleteRestart(now, remote) : peer_.RestartIce(now, remote);
    }
    return;
  }
}

std::optional<VirtualPublication::Format> VirtualConnection::FormatOf(std::string_view mid) const {
  for (const sdp::MediaSection& section : remote_.sections) {
    if (section.mid != mid || section.rejected() || !sdp::Receives(section.direction) ||
        section.payload_types.empty()) {
      continue;
    }
    VirtualPublication::Format format;
    format.mid = section.mid;
    format.payload_type = rtp::PayloadType(section.payload_types.front().number);
    for (const sdp::PayloadType& payload : section.payload_types) {
      if (payload.name == "rtx" &&
          payload.parameters.GetInt("apt") == int{format.payload_type.value()}) {
        format.rtx_payload_type = rtp::PayloadType(payload.number);
      }
    }
    for (const sdp::HeaderExtension& extension : section.extensions) {
      if (const auto type = rtp::ExtensionTypeFromUri(extension.uri)) {
        format.extensions.Set(*type, static_cast<uint8_t>(extension.id));
      }
    }
    for (const sdp::Rid& rid : section.rids) {
      format.rids.push_back(rid.id);
    }
    return format;
  }
  return std::nullopt;
}

std::vector<VirtualReception::Format> VirtualConnection::ReceivedTracks() const {
  std::vector<VirtualReception::Format> tracks;
  for (const sdp::MediaSection& section : remote_.sections) {
    if (section.rejected() || !section.is_media() || !sdp::Sends(section.direction) ||
        section.ssrcs.empty() || section.msids.empty()) {
      continue;
    }
    VirtualReception::Format format;
    format.track_sid = section.msids.front().track;
    format.mid = section.mid;
    format.kind =
        section.kind == sdp::MediaKind::kAudio ? rtp::MediaKind::kAudio : rtp::MediaKind::kVideo;
    format.ssrc = rtp::Ssrc(section.ssrcs.front().ssrc);
    for (const sdp::SsrcGroup& group : section.ssrc_groups) {
      if (group.semantics == "FID" && group.ssrcs.size() == 2) {
        format.rtx_ssrc = rtp::Ssrc(group.ssrcs[1]);
      }
    }
    for (const sdp::PayloadType& payload : section.payload_types) {
      if (const auto original = payload.parameters.GetInt("apt");
          payload.name == "rtx" && original) {
        format.original_of_rtx.emplace(rtp::PayloadType(payload.number),
                                       rtp::PayloadType(static_cast<uint8_t>(*original)));
      }
    }
    tracks.push_back(std::move(format));
  }
  return tracks;
}

}  // namespace sfu

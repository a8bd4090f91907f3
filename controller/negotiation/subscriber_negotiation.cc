#include "controller/negotiation/subscriber_negotiation.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <absl/status/status.h>

#include "common/base/check.h"
#include "common/sdp/sdp_parser.h"
#include "common/sdp/sdp_writer.h"

namespace sfu::negotiation {
namespace {

constexpr std::string_view kDataMid = "0";
constexpr size_t kMaxMediaSections = sdp::kMaxSections - 1;
constexpr uint32_t kFirstIdRange = 256;

// What is left of an offered format in the answer; nullopt when it was declined. Found by number:
// clients answer with H264 parameters of their own.
std::optional<MatchedFormat> AcceptedFormat(const MatchedFormat& offered,
                                            const sdp::MediaSection& answered) {
  const auto find = [&](uint8_t number) {
    return std::find_if(
        answered.payload_types.begin(), answered.payload_types.end(),
        [&](const sdp::PayloadType& candidate) { return candidate.number == number; });
  };
  const auto media = find(offered.media.number);
  if (media == answered.payload_types.end()) {
    return std::nullopt;
  }
  MatchedFormat accepted = offered;
  accepted.media.feedback = CommonFeedback(media->feedback, offered.media.feedback);
  if (offered.rtx && find(offered.rtx->number) == answered.payload_types.end()) {
    accepted.rtx.reset();
  }
  return accepted;
}

}  // namespace

SubscriberNegotiation::SubscriberNegotiation(const NegotiationOptions& options, Random& random)
    : options_(options),
      random_(random),
      origin_(random),
      next_id_(1 + random.NextBelow(kFirstIdRange)) {}

bool SubscriberNegotiation::AddSender(const SentTrack& sent) {
  if (ServerFormats(sent, /*with_video=*/false, options_).empty()) {
    return false;
  }
  wanted_[sent.sender] = sent;
  refused_.erase(sent.sender);
  changed_ = true;
  return true;
}

void SubscriberNegotiation::RemoveSender(uint64_t sender) {
  wanted_.erase(sender);
  refused_.erase(sender);
  for (Section& section : sections_) {
    if (section.sender == sender) {
      section.sender.reset();
      section.accepted.reset();
      changed_ = true;
    }
  }
}

void SubscriberNegotiation::RestartIce() {
  in_flight_.reset();
  changed_ = true;
}

livekit::SessionDescription SubscriberNegotiation::CreateOffer(const TransportOpened& local) {
  SFU_CHECK(NeedsOffer());
  PlaceSenders();
  FillFormats();

  sdp::SessionDescription offer = origin_.Next();
  offer.extmap_allow_mixed = true;
  offer.sections.push_back(DataSection(std::string(kDataMid)));
  InFlight in_flight;
  in_flight.id = next_id_++;
  livekit::SessionDescription result;
  for (const Section& section : sections_) {
    offer.sections.push_back(OfferedSection(section, OffersVideo()));
    in_flight.senders.push_back(section.sender);
    if (section.sender) {
      (*result.mutable_mid_to_track_id())[section.mid] = wanted_.at(*section.sender).track_sid;
    }
  }
  BundleOffer(offer);
  ApplyLocalTransport(local, sdp::Setup::kActPass, offer);
  result.set_type("offer");
  result.set_sdp(sdp::Write(offer));
  result.set_id(in_flight.id);
  in_flight.sections = std::move(offer.sections);
  in_flight_ = std::move(in_flight);
  changed_ = false;
  return result;
}

absl::StatusOr<SubscriberNegotiation::Answer> SubscriberNegotiation::HandleAnswer(
    const livekit::SessionDescription& answer) {
  if (!in_flight_ || (answer.id() != 0 && answer.id() != in_flight_->id)) {
    return absl::FailedPreconditionError("answer to no offer of ours");
  }
  const absl::StatusOr<sdp::SessionDescription> answered = ParseAnswer(answer);
  if (!answered.ok()) {
    return answered.status();
  }
  absl::StatusOr<ConfigureTransport> transport = ReadRemoteTransport(*answered);
  if (!transport.ok()) {
    return transport.status();
  }
  const InFlight in_flight = *std::exchange(in_flight_, std::nullopt);
  Answer result;
  result.transport = *std::move(transport);
  result.transport.set_transport(options_.transport);
  for (size_t i = 0; i < in_flight.senders.size(); ++i) {
    if (!HandleSection(in_flight.sections[i + 1], in_flight.senders[i], answered->sections[i + 1],
                       sections_[i])) {
      result.refused_senders.push_back(*in_flight.senders[i]);
    }
  }
  result.senders = Senders();
  return result;
}

ConfigureSenders SubscriberNegotiation::Senders() const {
  ConfigureSenders result;
  result.set_transport(options_.transport);
  for (const Section& section : sections_) {
    if (section.accepted) {
      *result.add_senders() = *section.accepted;
    }
  }
  return result;
}

void SubscriberNegotiation::PlaceSenders() {
  std::set<uint32_t> used_ssrcs;
  for (const Section& section : sections_) {
    used_ssrcs.insert({section.ssrcs.media, section.ssrcs.rtx});
  }
  for (const auto& [handle, sent] : wanted_) {
    const bool placed =
        std::any_of(sections_.begin(), sections_.end(),
                    [&](const Section& section) { return section.sender == handle; });
    if (placed || refused_.contains(handle)) {
      continue;
    }
    Section* const section = FreeSection(sent.kind);
    if (section == nullptr) {
      return;  // All sections of this peer connection are in use; a removal makes room.
    }
    section->sender = handle;
    section->ssrcs = NewSenderSsrcs(random_, used_ssrcs);
    section->reusable = false;
  }
}

SubscriberNegotiation::Section* SubscriberNegotiation::FreeSection(MediaKind kind) {
  const bool full = sections_.size() == kMaxMediaSections;
  if (options_.reuse_sections || full) {
    for (Section& section : sections_) {
      if (section.kind == kind && section.reusable && !section.sender && !section.rejected) {
        return &section;
      }
    }
  }
  if (full) {
    return nullptr;
  }
  Section& added = sections_.emplace_back();
  added.mid = std::to_string(sections_.size());
  added.kind = kind;
  return &added;
}

void SubscriberNegotiation::FillFormats() {
  for (Section& section : sections_) {
    if (section.sender) {
      section.formats = ServerFormats(wanted_.at(*section.sender), OffersVideo(), options_);
    }
  }
}

bool SubscriberNegotiation::OffersVideo() const {
  return std::any_of(sections_.begin(), sections_.end(), [](const Section& section) {
    return section.kind == worker::v1::MEDIA_KIND_VIDEO;
  });
}

sdp::MediaSection SubscriberNegotiation::OfferedSection(const Section& section,
                                                        bool with_video) const {
  sdp::MediaSection offered;
  offered.kind = section.kind == worker::v1::MEDIA_KIND_AUDIO ? sdp::MediaKind::kAudio
                                                              : sdp::MediaKind::kVideo;
  offered.protocol = "UDP/TLS/RTP/SAVPF";
  offered.mid = section.mid;
  offered.rtcp_mux = true;
  offered.rtcp_rsize = true;
  offered.extensions = WantedExtensions(section.kind, MediaDirection::kDown, ConnectionModel::kDual,
                                        with_video, options_);
  if (section.sender) {
    offered.direction = sdp::Direction::kSendRecv;
    WriteSender(wanted_.at(*section.sender), section.formats, section.ssrcs, offered);
    return offered;
  }
  offered.direction = section.rejected ? sdp::Direction::kInactive : sdp::Direction::kRecvOnly;
  offered.port = section.rejected ? 0 : offered.port;
  for (const MatchedFormat& format : section.formats) {
    offered.payload_types.push_back(format.media);
    if (format.rtx) {
      offered.payload_types.push_back(*format.rtx);
    }
  }
  return offered;
}

absl::StatusOr<sdp::SessionDescription> SubscriberNegotiation::ParseAnswer(
    const livekit::SessionDescription& answer) const {
  if (answer.type() != "answer") {
    return absl::InvalidArgumentError("description is no answer");
  }
  absl::StatusOr<sdp::SessionDescription> answered = sdp::Parse(answer.sdp());
  if (!answered.ok()) {
    return answered;
  }
  if (answered->sections.size() != in_flight_->sections.size()) {
    return absl::InvalidArgumentError("SDP answer with another number of sections");
  }
  for (size_t i = 0; i < answered->sections.size(); ++i) {
    const sdp::MediaSection& section = answered->sections[i];
    const sdp::MediaSection& offered = in_flight_->sections[i];
    if (section.kind != offered.kind || (!section.rejected() && section.mid != offered.mid)) {
      return absl::InvalidArgumentError("SDP answer with a section in the place of another");
    }
  }
  return answered;
}

bool SubscriberNegotiation::HandleSection(const sdp::MediaSection& offered,
                                          std::optional<uint64_t> offered_sender,
                                          const sdp::MediaSection& answered, Section& section) {
  section.accepted.reset();
  section.rejected |= answered.rejected();
  if (!offered_sender) {
    section.reusable = !section.rejected;
    changed_ |= section.reusable && HasUnplaced();
    return true;
  }
  if (section.sender != offered_sender) {
    return true;  // Removed meanwhile; the next offer says so.
  }
  const SentTrack& sent = wanted_.at(*offered_sender);
  std::vector<MatchedFormat> formats;
  for (const MatchedFormat& format : section.formats) {
    if (std::optional<MatchedFormat> accepted = AcceptedFormat(format, answered)) {
      formats.push_back(*std::move(accepted));
    }
  }
  if (section.rejected || formats.empty() || !sdp::Receives(answered.direction)) {
    refused_.insert(*offered_sender);
    section.sender.reset();
    changed_ = true;
    return false;
  }
  section.accepted =
      ToWorkerSender(sent, section.mid, formats,
                     CommonExtensions(answered.extensions, offered.extensions), section.ssrcs);
  return true;
}

bool SubscriberNegotiation::HasUnplaced() const {
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const auto& wanted) {
    return !refused_.contains(wanted.first) &&
           std::none_of(sections_.begin(), sections_.end(),
                        [&](const Section& section) { return section.sender == wanted.first; });
  });
}

}  // namespace sfu::negotiation

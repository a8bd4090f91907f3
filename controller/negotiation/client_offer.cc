#include "controller/negotiation/client_offer.h"

#include <algorithm>
#include <utility>

#include "common/sdp/sdp_parser.h"
#include "controller/negotiation/answer_sections.h"
#include "controller/negotiation/format_matching.h"
#include "controller/negotiation/local_description.h"

namespace sfu::negotiation {
namespace {

using sdp::MediaSection;

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The track token of an msid, which may be its only one (signaling contract, section 4.2).
void AddCid(const sdp::Msid& msid, std::vector<std::string>& cids) {
  const std::string& cid = msid.track.empty() ? msid.stream : msid.track;
  if (!cid.empty() && cid != "-" && !Contains(cids, cid)) {
    cids.push_back(cid);
  }
}

PublishSection Describe(const MediaSection& section, const CodecPreferences& publish_codecs) {
  PublishSection result;
  result.mid = section.mid;
  result.kind = section.kind == sdp::MediaKind::kAudio ? worker::v1::MEDIA_KIND_AUDIO
                                                       : worker::v1::MEDIA_KIND_VIDEO;
  for (const sdp::Msid& msid : section.msids) {
    AddCid(msid, result.cids);
  }
  for (const sdp::SsrcSource& source : section.ssrcs) {
    if (source.msid) {
      AddCid(*source.msid, result.cids);
    }
  }
  if (!section.msids.empty() && section.msids.front().stream != "-") {
    result.stream_id = section.msids.front().stream;
  }
  for (const MatchedFormat& format : MatchFormats(section, publish_codecs, MediaDirection::kUp)) {
    if (std::find(result.codecs.begin(), result.codecs.end(), format.codec) ==
        result.codecs.end()) {
      result.codecs.push_back(format.codec);
    }
  }
  result.rids = RidsLowToHigh(OfferedRids(section));
  return result;
}

std::string FirstCid(const PublishSection& section) {
  return section.cids.empty() ? std::string() : section.cids.front();
}

bool SameIce(const ConfigureTransport& a, const ConfigureTransport& b) {
  return a.remote_ice().ufrag() == b.remote_ice().ufrag() &&
         a.remote_ice().password() == b.remote_ice().password();
}

}  // namespace

absl::StatusOr<OfferSummary> ClientOffer::Handle(const livekit::SessionDescription& offer,
                                                 const CodecPreferences& publish_codecs) {
  if (offer.type() != "offer") {
    return absl::InvalidArgumentError("description is no offer");
  }
  absl::StatusOr<sdp::SessionDescription> next = sdp::Parse(offer.sdp());
  if (!next.ok()) {
    return next.status();
  }
  if (absl::Status status = CheckSections(*next); !status.ok()) {
    return status;
  }
  const absl::StatusOr<ConfigureTransport> remote = ReadRemoteTransport(*next);
  if (!remote.ok()) {
    return remote.status();
  }

  OfferSummary summary;
  summary.id = offer.id();
  summary.ice_restarted = present_ && !SameIce(*remote, remote_transport_);
  const sdp::SessionDescription previous = std::exchange(description_, *std::move(next));
  const std::map<std::string, std::string> previously_sending = std::move(sending_);
  present_ = true;
  id_ = offer.id();
  remote_transport_ = *remote;
  sending_.clear();

  summary.has_data_section = remote->remote_max_message_size() > 0;
  summary.sending = SendingSections(publish_codecs);
  for (PublishSection& section : summary.sending) {
    const auto before = previously_sending.find(section.mid);
    section.started = before == previously_sending.end();
    section.cid_changed = !section.started && before->second != FirstCid(section);
    sending_.emplace(section.mid, FirstCid(section));
  }
  for (const MediaSection& section : previous.sections) {
    if (previously_sending.contains(section.mid) && !sending_.contains(section.mid)) {
      summary.ended_mids.push_back(section.mid);
    }
  }
  return summary;
}

void ClientOffer::NoteAnswer(const sdp::SessionDescription& answer) {
  rejected_by_us_.clear();
  for (const MediaSection& section : answer.sections) {
    if (section.rejected()) {
      rejected_by_us_.insert(section.mid);
    }
  }
}

bool ClientOffer::IsUsable(const MediaSection& section) const {
  if (section.rejected()) {
    return false;
  }
  if (!description_.bundle_groups.empty()) {
    return Contains(description_.bundle_groups.front(), section.mid);
  }
  const auto first =
      std::find_if(description_.sections.begin(), description_.sections.end(),
                   [](const MediaSection& candidate) { return !candidate.rejected(); });
  return &*first == &section;
}

absl::Status ClientOffer::CheckSections(const sdp::SessionDescription& next) const {
  int data_sections = 0;
  for (const MediaSection& section : next.sections) {
    if (section.rejected()) {
      continue;
    }
    if (section.mid.empty()) {
      return absl::InvalidArgumentError("SDP section without a mid");
    }
    data_sections += section.kind == sdp::MediaKind::kApplication ? 1 : 0;
  }
  if (data_sections > 1) {
    return absl::InvalidArgumentError("SDP with several data sections");
  }
  if (next.sections.size() < description_.sections.size()) {
    return absl::InvalidArgumentError("SDP with fewer sections than before");
  }
  for (size_t i = 0; i < description_.sections.size(); ++i) {
    const MediaSection& before = description_.sections[i];
    const MediaSection& now = next.sections[i];
    const bool recyclable = before.rejected() || rejected_by_us_.contains(before.mid);
    if (!recyclable && !now.rejected() && (before.mid != now.mid || before.kind != now.kind)) {
      return absl::InvalidArgumentError("SDP section in the place of another");
    }
  }
  return absl::OkStatus();
}

std::vector<PublishSection> ClientOffer::SendingSections(
    const CodecPreferences& publish_codecs) const {
  std::vector<PublishSection> sending;
  for (const MediaSection& section : description_.sections) {
    if (section.is_media() && sdp::Sends(section.direction) && IsUsable(section)) {
      sending.push_back(Describe(section, publish_codecs));
    }
  }
  return sending;
}

}  // namespace sfu::negotiation

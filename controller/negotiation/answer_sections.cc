#include "controller/negotiation/answer_sections.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "controller/negotiation/local_description.h"

namespace sfu::negotiation {
namespace {

using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_RED;
using worker::v1::MEDIA_KIND_AUDIO;
using worker::v1::MEDIA_KIND_VIDEO;

constexpr size_t kMaxEncodings = 3;
constexpr std::string_view kStereoBitrate = "510000";  // The most Opus can do, in bit/s.

MediaKind KindOf(const sdp::MediaSection& section) {
  return section.kind == sdp::MediaKind::kAudio ? MEDIA_KIND_AUDIO : MEDIA_KIND_VIDEO;
}

// Which of the shared formats are answered, most wanted first. The client encodes the first one it
// can, so this is where the codec of add_track takes effect.
std::vector<MatchedFormat> ChoosePublishFormats(std::vector<MatchedFormat> formats,
                                                const PublishedTrack* track, bool only_preferred) {
  if (track == nullptr) {
    return formats;
  }
  if (!track->red) {
    std::erase_if(formats, [](const MatchedFormat& format) { return format.codec == CODEC_RED; });
  }
  const auto rank = [&](const MatchedFormat& format) {
    if (format.codec == CODEC_RED) {
      return 0;
    }
    return format.codec == track->preferred_codec ? 1 : 2;
  };
  std::stable_sort(
      formats.begin(), formats.end(),
      [&](const MatchedFormat& a, const MatchedFormat& b) { return rank(a) < rank(b); });
  const bool video =
      !formats.empty() && negotiation::KindOf(formats.front().codec) == MEDIA_KIND_VIDEO;
  if (only_preferred && video && formats.front().codec == track->preferred_codec) {
    std::erase_if(formats, [&](const MatchedFormat& format) {
      return format.codec != track->preferred_codec;
    });
  }
  return formats;
}

// What we ask of the client's Opus encoder (signaling contract, section 5.5).
void RewriteOpus(const PublishedTrack& track, sdp::FormatParameters& parameters) {
  if (track.dtx) {
    parameters.Set("usedtx", "1");
  } else {
    parameters.Remove("usedtx");
  }
  if (track.stereo) {
    parameters.Set("stereo", "1");
    parameters.Set("maxaveragebitrate", kStereoBitrate);
  } else {
    parameters.Remove("stereo");
  }
}

void WriteFormats(const std::vector<MatchedFormat>& formats, sdp::MediaSection& section) {
  for (const MatchedFormat& format : formats) {
    section.payload_types.push_back(format.media);
    if (format.rtx) {
      section.payload_types.push_back(*format.rtx);
    }
  }
}

const sdp::SsrcGroup* FindGroup(const sdp::MediaSection& section, std::string_view semantics,
                                uint32_t first_ssrc) {
  for (const sdp::SsrcGroup& group : section.ssrc_groups) {
    if (group.semantics == semantics && (first_ssrc == 0 || group.ssrcs.front() == first_ssrc)) {
      return &group;
    }
  }
  return nullptr;
}

void AddEncoding(const sdp::MediaSection& offered, uint32_t ssrc, worker::v1::Receiver& receiver) {
  worker::v1::Encoding& encoding = *receiver.add_encodings();
  encoding.set_ssrc(ssrc);
  const sdp::SsrcGroup* const pair = ssrc == 0 ? nullptr : FindGroup(offered, "FID", ssrc);
  if (pair != nullptr && pair->ssrcs.size() == 2) {
    encoding.set_rtx_ssrc(pair->ssrcs[1]);
  }
}

// Media rules RX-10 to RX-12: rids, else the SSRCs of a SIM group, else one stream.
void AddEncodings(const sdp::MediaSection& offered, worker::v1::Receiver& receiver) {
  for (const std::string& rid : RidsLowToHigh(OfferedRids(offered))) {
    receiver.add_encodings()->set_rid(rid);
  }
  if (!receiver.encodings().empty()) {
    return;
  }
  if (const sdp::SsrcGroup* const simulcast = FindGroup(offered, "SIM", 0)) {
    for (size_t i = 0; i < std::min(simulcast->ssrcs.size(), kMaxEncodings); ++i) {
      AddEncoding(offered, simulcast->ssrcs[i], receiver);
    }
    return;
  }
  if (const sdp::SsrcGroup* const pair = FindGroup(offered, "FID", 0)) {
    AddEncoding(offered, pair->ssrcs.front(), receiver);
    return;
  }
  AddEncoding(offered, offered.ssrcs.empty() ? 0 : offered.ssrcs.front().ssrc, receiver);
}

void AnswerRids(const sdp::MediaSection& offered, sdp::MediaSection& section) {
  const std::vector<std::string> rids = OfferedRids(offered);
  for (const std::string& rid : rids) {
    section.rids.push_back({rid, /*send=*/false, ""});
  }
  if (!rids.empty() && offered.simulcast) {
    section.simulcast.emplace();
    for (const std::string& rid : rids) {
      section.simulcast->recv.push_back({rid, /*paused=*/false});
    }
  }
}

}  // namespace

sdp::MediaSection StartSection(const sdp::MediaSection& offered) {
  sdp::MediaSection section;
  section.kind = offered.kind;
  section.media = offered.media;
  section.protocol = offered.protocol;
  section.mid = offered.mid;
  section.rtcp_mux = offered.is_media();
  section.rtcp_rsize = offered.rtcp_rsize;
  section.extmap_allow_mixed = offered.extmap_allow_mixed;
  return section;
}

sdp::MediaSection RejectSection(const sdp::MediaSection& offered) {
  sdp::MediaSection section = StartSection(offered);
  section.port = 0;
  section.direction = sdp::Direction::kInactive;
  section.payload_types = offered.payload_types;
  section.formats = offered.formats;
  return section;
}

sdp::MediaSection AnswerDataSection(const sdp::MediaSection& offered) {
  sdp::MediaSection section = DataSection(offered.mid);
  section.protocol = offered.protocol;
  section.formats = offered.formats;
  return section;
}

sdp::MediaSection AnswerIdleSection(const sdp::MediaSection& offered,
                                    const CodecPreferences& codecs, sdp::Direction direction,
                                    const NegotiationOptions& options) {
  std::vector<MatchedFormat> formats = MatchFormats(offered, codecs, MediaDirection::kDown);
  if (formats.empty()) {
    return RejectSection(offered);
  }
  for (MatchedFormat& format : formats) {
    format.media.feedback.clear();
  }
  sdp::MediaSection section = StartSection(offered);
  section.direction = direction;
  section.extensions =
      CommonExtensions(offered.extensions, EitherWayExtensions(KindOf(offered), options));
  WriteFormats(formats, section);
  return section;
}

PublishAnswer AnswerPublishSection(const sdp::MediaSection& offered, const PublishedTrack* track,
                                   const NegotiationOptions& options, ConnectionModel model) {
  const MediaKind kind = KindOf(offered);
  std::vector<MatchedFormat> formats =
      ChoosePublishFormats(MatchFormats(offered, options.publish_codecs, MediaDirection::kUp),
                           track, options.answer_only_preferred_codec);
  if (formats.empty()) {
    return {RejectSection(offered), std::nullopt};
  }
  const std::vector<std::string> feedback =
      WantedFeedback(kind, MediaDirection::kUp, /*with_video=*/false, options);
  for (MatchedFormat& format : formats) {
    format.media.feedback = CommonFeedback(format.media.feedback, feedback);
    if (format.codec == CODEC_OPUS && track != nullptr) {
      RewriteOpus(*track, format.media.parameters);
    }
  }

  PublishAnswer answer{StartSection(offered), worker::v1::Receiver()};
  answer.section.direction = sdp::Direction::kRecvOnly;
  answer.section.extensions = CommonExtensions(
      offered.extensions,
      WantedExtensions(kind, MediaDirection::kUp, model, /*with_video=*/false, options));
  WriteFormats(formats, answer.section);
  AnswerRids(offered, answer.section);

  worker::v1::Receiver& receiver = *answer.receiver;
  receiver.set_mid(offered.mid);
  receiver.set_kind(kind);
  for (const MatchedFormat& format : formats) {
    *receiver.add_formats() = ToPayloadFormat(format);
  }
  AppendExtensionIds(answer.section.extensions, *receiver.mutable_extensions());
  AddEncodings(offered, receiver);
  return answer;
}

sdp::MediaSection AnswerUpSection(const sdp::MediaSection& offered, const Assignments& assignments,
                                  const NegotiationOptions& options, ConnectionModel model,
                                  std::vector<worker::v1::Receiver>& receivers) {
  if (offered.kind == sdp::MediaKind::kApplication) {
    return AnswerDataSection(offered);
  }
  if (!offered.is_media()) {
    return RejectSection(offered);
  }
  const auto track = assignments.find(offered.mid);
  PublishAnswer answer = AnswerPublishSection(
      offered, track == assignments.end() ? nullptr : &track->second, options, model);
  if (answer.receiver) {
    receivers.push_back(*std::move(answer.receiver));
  }
  return std::move(answer.section);
}

std::vector<std::string> OfferedRids(const sdp::MediaSection& offered) {
  std::vector<std::string> rids;
  const auto is_declared = [&](const std::string& id) {
    return std::any_of(offered.rids.begin(), offered.rids.end(),
                       [&](const sdp::Rid& rid) { return rid.send && rid.id == id; });
  };
  if (offered.simulcast) {
    for (const sdp::SimulcastStream& stream : offered.simulcast->send) {
      if (is_declared(stream.rid)) {
        rids.push_back(stream.rid);
      }
    }
  } else {
    for (const sdp::Rid& rid : offered.rids) {
      if (rid.send) {
        rids.push_back(rid.id);
      }
    }
  }
  rids.resize(std::min(rids.size(), kMaxEncodings));
  return rids;
}

std::vector<std::string> RidsLowToHigh(std::vector<std::string> rids) {
  constexpr std::string_view kOrder = "qhf";
  const auto rank = [&](const std::string& rid) {
    return rid.size() == 1 ? kOrder.find(rid[0]) : std::string_view::npos;
  };
  if (std::none_of(rids.begin(), rids.end(),
                   [&](const std::string& rid) { return rank(rid) == std::string_view::npos; })) {
    std::sort(rids.begin(), rids.end(),
              [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  }
  return rids;
}

ConfigureReceivers AssignReceivers(uint64_t transport,
                                   const std::vector<worker::v1::Receiver>& receivers,
                                   const Assignments& assignments) {
  ConfigureReceivers result;
  result.set_transport(transport);
  for (const worker::v1::Receiver& receiver : receivers) {
    worker::v1::Receiver& assigned = *result.add_receivers();
    assigned = receiver;
    const auto track = assignments.find(receiver.mid());
    if (track != assignments.end()) {
      assigned.set_track(track->second.track);
      assigned.set_counts_as_speaker(track->second.counts_as_speaker);
    }
  }
  return result;
}

}  // namespace sfu::negotiation

#include "controller/negotiation/unified_negotiation.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/sdp/sdp_parser.h"
#include "controller/negotiation/answer_description.h"
#include "controller/negotiation/answer_sections.h"
#include "controller/negotiation/format_matching.h"

namespace sfu::negotiation {
namespace {

using worker::v1::MEDIA_KIND_AUDIO;
using worker::v1::MEDIA_KIND_VIDEO;

// Left for sections to publish on: an offer beyond the parser's limit would end the session.
constexpr size_t kReservedSections = 16;

MediaKind KindOf(const sdp::MediaSection& section) {
  return section.kind == sdp::MediaKind::kAudio ? MEDIA_KIND_AUDIO : MEDIA_KIND_VIDEO;
}

bool IsSlot(const sdp::MediaSection& section) {
  return section.is_media() && section.direction == sdp::Direction::kRecvOnly;
}

}  // namespace

UnifiedNegotiation::UnifiedNegotiation(const NegotiationOptions& options, Random& random)
    : options_(options), random_(random), origin_(random) {}

absl::StatusOr<OfferSummary> UnifiedNegotiation::HandleOffer(
    const livekit::SessionDescription& offer) {
  absl::StatusOr<OfferSummary> summary = offer_.Handle(offer, options_.publish_codecs);
  if (summary.ok()) {
    unanswered_ = true;
    UpdateSlots();
  }
  return summary;
}

UnifiedNegotiation::Answer UnifiedNegotiation::BuildAnswer(const Assignments& assignments,
                                                           const TransportOpened& local) {
  SFU_CHECK(offer_.present());
  const std::set<uint64_t> refused_before = refused_;
  PlaceSenders();
  sdp::SessionDescription answer = StartAnswer(offer_, origin_);
  receivers_.clear();
  Answer result;
  for (const sdp::MediaSection& offered : offer_.description().sections) {
    const auto slot = slots_.find(offered.mid);
    if (!offer_.IsUsable(offered)) {
      answer.sections.push_back(RejectSection(offered));
    } else if (slot != slots_.end()) {
      answer.sections.push_back(AnswerSlot(offered, slot->second));
    } else if (sdp::Sends(offered.direction) || !offered.is_media()) {
      answer.sections.push_back(
          AnswerUpSection(offered, assignments, options_, ConnectionModel::kUnified, receivers_));
    } else {
      answer.sections.push_back(
          AnswerIdleSection(offered, options_.publish_codecs, sdp::Direction::kInactive, options_));
    }
  }
  unanswered_ = false;

  result.description = FinishAnswer(local, std::move(answer), offer_);
  for (const auto& [mid, slot] : slots_) {
    if (slot.sender) {
      (*result.description.mutable_mid_to_track_id())[mid] = wanted_.at(*slot.sender).track_sid;
    }
  }
  result.transport = offer_.remote_transport();
  result.transport.set_transport(options_.transport);
  result.receivers = Receivers(assignments);
  result.senders = Senders();
  std::set_difference(refused_.begin(), refused_.end(), refused_before.begin(),
                      refused_before.end(), std::back_inserter(result.refused_senders));
  return result;
}

ConfigureReceivers UnifiedNegotiation::Receivers(const Assignments& assignments) const {
  return AssignReceivers(options_.transport, receivers_, assignments);
}

bool UnifiedNegotiation::AddSender(const SentTrack& sent) {
  if (ServerFormats(sent, /*with_video=*/false, options_).empty()) {
    return false;
  }
  wanted_[sent.sender] = sent;
  refused_.erase(sent.sender);
  return true;
}

void UnifiedNegotiation::RemoveSender(uint64_t sender) {
  wanted_.erase(sender);
  refused_.erase(sender);
  for (auto& [mid, slot] : slots_) {
    if (slot.sender == sender) {
      slot.sender.reset();
      // Only what the client has seen there must be seen to go.
      slot.releasing |= slot.accepted.has_value();
      slot.accepted.reset();
    }
  }
}

ConfigureSenders UnifiedNegotiation::Senders() const {
  ConfigureSenders result;
  result.set_transport(options_.transport);
  for (const auto& [mid, slot] : slots_) {
    if (slot.accepted) {
      *result.add_senders() = *slot.accepted;
    }
  }
  return result;
}

std::optional<livekit::MediaSectionsRequirement> UnifiedNegotiation::PollRequirement() {
  if (!offer_.present() || unanswered_) {
    return std::nullopt;  // The answer to come places what it can.
  }
  const Shortage audio = ShortageOf(MEDIA_KIND_AUDIO, asked_.audio);
  const Shortage video = ShortageOf(MEDIA_KIND_VIDEO, asked_.video);
  const size_t sections =
      offer_.description().sections.size() + asked_.audio + asked_.video + kReservedSections;
  size_t room = sdp::kMaxSections - std::min(sections, sdp::kMaxSections);
  const auto more_audio = static_cast<uint32_t>(std::min<size_t>(audio.sections, room));
  room -= more_audio;
  const auto more_video = static_cast<uint32_t>(std::min<size_t>(video.sections, room));
  const bool offer_suffices = audio.fits_free_slot || video.fits_free_slot ||
                              std::any_of(slots_.begin(), slots_.end(),
                                          [](const auto& slot) { return slot.second.releasing; });
  if (more_audio + more_video == 0 && (asked_.offer || !offer_suffices)) {
    return std::nullopt;
  }
  asked_.audio += more_audio;
  asked_.video += more_video;
  asked_.offer = true;
  asked_.offers_without = 0;
  livekit::MediaSectionsRequirement requirement;
  requirement.set_num_audios(more_audio);
  requirement.set_num_videos(more_video);
  return requirement;
}

void UnifiedNegotiation::HandleResumed() {
  asked_ = Asked();
  for (auto& [mid, slot] : slots_) {
    slot.releasing |= std::exchange(slot.emptied, false);
  }
}

// Sections may have come, or have ceased to be for receiving.
void UnifiedNegotiation::UpdateSlots() {
  std::map<std::string, Slot> slots;
  uint32_t new_audio = 0;
  uint32_t new_video = 0;
  for (const sdp::MediaSection& section : offer_.description().sections) {
    if (!IsSlot(section) || !offer_.IsUsable(section)) {
      continue;
    }
    const auto known = slots_.find(section.mid);
    if (known != slots_.end()) {
      slots.insert(slots_.extract(known));
      continue;
    }
    slots[section.mid].kind = KindOf(section);
    ++(KindOf(section) == MEDIA_KIND_AUDIO ? new_audio : new_video);
  }
  slots_ = std::move(slots);
  AccountForNewSlots(new_audio, new_video);
}

// The client has at most one offer on its way when we ask for sections, so the second one that
// does not bring them never will: then we may ask again.
void UnifiedNegotiation::AccountForNewSlots(uint32_t audio, uint32_t video) {
  asked_.audio -= std::min(asked_.audio, audio);
  asked_.video -= std::min(asked_.video, video);
  if ((asked_.audio == 0 && asked_.video == 0) || ++asked_.offers_without == 2) {
    asked_ = Asked();
  }
}

void UnifiedNegotiation::PlaceSenders() {
  std::set<uint32_t> used_ssrcs;
  for (const auto& [mid, slot] : slots_) {
    used_ssrcs.insert({slot.ssrcs.media, slot.ssrcs.rtx});
  }
  for (const auto& [handle, sent] : wanted_) {
    if (IsPlaced(handle) || refused_.contains(handle)) {
      continue;
    }
    Slot* const slot = FindSlot(sent);
    if (slot != nullptr) {
      slot->sender = handle;
      slot->ssrcs = NewSenderSsrcs(random_, used_ssrcs);
    }
  }
}

// The first free slot that can carry the source. A sender for which there are free slots but none
// that fits is refused: more of the same would not help.
UnifiedNegotiation::Slot* UnifiedNegotiation::FindSlot(const SentTrack& sent) {
  bool seen_free = false;
  for (const sdp::MediaSection& section : offer_.description().sections) {
    const auto slot = slots_.find(section.mid);
    if (slot == slots_.end() || slot->second.kind != sent.kind || !slot->second.IsFree()) {
      continue;
    }
    if (!FormatsAt(section, sent).empty()) {
      return &slot->second;
    }
    seen_free = true;
  }
  if (seen_free) {
    refused_.insert(sent.sender);
  }
  return nullptr;
}

std::vector<MatchedFormat> UnifiedNegotiation::FormatsAt(const sdp::MediaSection& offered,
                                                         const SentTrack& sent) const {
  return FormatsForSource(sent,
                          MatchFormats(offered, options_.subscribe_codecs, MediaDirection::kDown));
}

bool UnifiedNegotiation::IsPlaced(uint64_t sender) const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [&](const auto& slot) { return slot.second.sender == sender; });
}

bool UnifiedNegotiation::HasVideoSender() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot.second.kind == MEDIA_KIND_VIDEO && slot.second.sender;
  });
}

sdp::MediaSection UnifiedNegotiation::AnswerSlot(const sdp::MediaSection& offered, Slot& slot) {
  slot.emptied = std::exchange(slot.releasing, false);
  slot.accepted.reset();
  const bool with_video = HasVideoSender();
  std::vector<MatchedFormat> formats;
  if (slot.sender) {
    formats =
        FormatsForSource(wanted_.at(*slot.sender),
                         MatchFormats(offered, options_.subscribe_codecs, MediaDirection::kDown));
  }
  if (formats.empty()) {
    if (slot.sender) {  // Placed under an earlier offer; this one has dropped the codec.
      refused_.insert(*slot.sender);
      slot.sender.reset();
    }
    return AnswerIdleSection(offered, options_.subscribe_codecs, sdp::Direction::kSendOnly,
                             options_);
  }
  const SentTrack& sent = wanted_.at(*slot.sender);
  const std::vector<std::string> feedback =
      WantedFeedback(slot.kind, MediaDirection::kDown, with_video, options_);
  for (MatchedFormat& format : formats) {
    format.media.feedback = CommonFeedback(format.media.feedback, feedback);
  }
  sdp::MediaSection section = StartSection(offered);
  section.direction = sdp::Direction::kSendOnly;
  section.extensions =
      CommonExtensions(offered.extensions, EitherWayExtensions(slot.kind, options_));
  WriteSender(sent, formats, slot.ssrcs, section);
  const std::vector<sdp::HeaderExtension> sent_extensions = CommonExtensions(
      offered.extensions, WantedExtensions(slot.kind, MediaDirection::kDown,
                                           ConnectionModel::kUnified, with_video, options_));
  slot.accepted = ToWorkerSender(sent, offered.mid, formats, sent_extensions, slot.ssrcs);
  return section;
}

UnifiedNegotiation::Shortage UnifiedNegotiation::ShortageOf(MediaKind kind, uint32_t asked) const {
  const auto unplaced = std::count_if(wanted_.begin(), wanted_.end(), [&](const auto& wanted) {
    return wanted.second.kind == kind && !IsPlaced(wanted.first) &&
           !refused_.contains(wanted.first);
  });
  const auto free = std::count_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return slot.second.kind == kind && slot.second.IsFree();
  });
  const auto missing = unplaced - free - static_cast<ptrdiff_t>(asked);
  return {missing > 0 ? static_cast<uint32_t>(missing) : 0, unplaced > 0 && free > 0};
}

}  // namespace sfu::negotiation

#include "controller/room/published_tracks.h"

#include <algorithm>
#include <utility>

#include "controller/room/track_info.h"

namespace sfu::room {
namespace {

using livekit::RequestResponse;

bool Contains(const std::vector<std::string>& cids, const std::string& cid) {
  return !cid.empty() && std::find(cids.begin(), cids.end(), cid) != cids.end();
}

worker::v1::MediaKind KindOfTrack(const livekit::TrackInfo& info) {
  return info.type() == livekit::AUDIO ? worker::v1::MEDIA_KIND_AUDIO
                                       : worker::v1::MEDIA_KIND_VIDEO;
}

// The codec entry that a section of these cids is about: by its cid, else the first without a
// section, else the first.
livekit::SimulcastCodecInfo& CodecEntry(livekit::TrackInfo& info,
                                        const std::vector<std::string>& cids) {
  for (livekit::SimulcastCodecInfo& codec : *info.mutable_codecs()) {
    if (Contains(cids, codec.cid()) || Contains(cids, codec.sdp_cid())) {
      return codec;
    }
  }
  for (livekit::SimulcastCodecInfo& codec : *info.mutable_codecs()) {
    if (codec.mid().empty()) {
      return codec;
    }
  }
  return *info.mutable_codecs(0);
}

livekit::SimulcastCodecInfo& CodecOfMid(livekit::TrackInfo& info, std::string_view mid) {
  for (livekit::SimulcastCodecInfo& codec : *info.mutable_codecs()) {
    if (codec.mid() == mid) {
      return codec;
    }
  }
  return *info.mutable_codecs(0);
}

}  // namespace

std::optional<RequestResponse::Reason> PublishedTracks::Refusal(
    const livekit::AddTrackRequest& request) const {
  if (request.type() != livekit::AUDIO && request.type() != livekit::VIDEO) {
    return RequestResponse::UNSUPPORTED_TYPE;
  }
  if (request.ByteSizeLong() > kMaxRequestBytes || tracks_.size() >= kMaxTracks) {
    return RequestResponse::LIMIT_EXCEEDED;
  }
  return std::nullopt;
}

PublishedTracks::AddResult PublishedTracks::Add(absl::Time wall,
                                                const livekit::AddTrackRequest& request) {
  if (!request.sid().empty()) {
    Track* track = Find(request.sid());
    if (track == nullptr || request.ByteSizeLong() > kMaxRequestBytes ||
        track->info.codecs_size() + request.simulcast_codecs_size() > 10) {
      return track == nullptr ? RequestResponse::NOT_FOUND : RequestResponse::LIMIT_EXCEEDED;
    }
    AddCodec(track->info, request, enabled_, wall);
    livekit::TrackPublishedResponse response;
    response.set_cid(request.cid());
    *response.mutable_track() = track->info;
    return response;
  }
  if (const auto refusal = Refusal(request)) {
    return *refusal;
  }
  if (Track* pending = FindByCid(request.cid(), false)) {
    pending->info = MakeTrackInfo(request, pending->info.sid(), enabled_, wall);
    pending->announced_again = true;
    livekit::TrackPublishedResponse response;
    response.set_cid(request.cid());
    *response.mutable_track() = pending->info;
    return response;
  }
  if (FindByCid(request.cid(), true) != nullptr) {
    std::deque<livekit::AddTrackRequest>& queue = queued_[request.cid()];
    if (queue.size() >= kMaxQueuedPerCid) {
      return RequestResponse::LIMIT_EXCEEDED;
    }
    queue.push_back(request);
    return RequestResponse::QUEUED;
  }
  const auto pending =
      std::count_if(tracks_.begin(), tracks_.end(), [](const auto& track) { return !track->live; });
  if (static_cast<size_t>(pending) >= kMaxPending) {
    return RequestResponse::LIMIT_EXCEEDED;
  }
  return Announce(wall, request);
}

livekit::TrackPublishedResponse PublishedTracks::Announce(absl::Time wall,
                                                          const livekit::AddTrackRequest& request) {
  auto track = std::make_unique<Track>(handles_.NextTrack());
  track->cid = request.cid();
  track->info = MakeTrackInfo(request, NewTrackSid(request.type(), request.source(), random_),
                              enabled_, wall);
  livekit::TrackPublishedResponse response;
  response.set_cid(request.cid());
  *response.mutable_track() = track->info;
  tracks_.push_back(std::move(track));
  return response;
}

PublishedTracks::Changes PublishedTracks::HandleOffer(absl::Time wall,
                                                      const negotiation::OfferSummary& offer) {
  Sections before = std::move(sections_);
  sections_.clear();
  for (const negotiation::PublishSection& offered : offer.sending) {
    Section& section = sections_[offered.mid];
    section.offered = offered;
    const auto known = before.find(offered.mid);
    if (known == before.end() || offered.started) {
      continue;
    }
    section.track = known->second.track;
    section.barred = known->second.barred && !offered.cid_changed;
    // Another cid on a section that never stopped: a new track if one is waiting under that name,
    // otherwise the old one, renamed.
    if (offered.cid_changed) {
      Track* renamed = section.track;
      section.track = nullptr;
      Track* waiting = MatchByCid(section);
      section.track = waiting != nullptr ? nullptr : renamed;
    }
  }
  // Ends come first: a section that names a track which just lost its own is its successor.
  Changes changes;
  EndIfUnfed(wall, changes);
  MapSections();
  return changes;
}

void PublishedTracks::EndIfUnfed(absl::Time wall, Changes& changes) {
  std::vector<Track*> unfed;
  for (const auto& track : tracks_) {
    if (!track->mapped || SectionsOf(track.get()) > 0) {
      continue;
    }
    if (track->announced_again && !track->live) {
      // Unpublished and published again before the offer that says so: it waits for a section.
      track->mapped = false;
      track->announced_again = false;
    } else {
      unfed.push_back(track.get());
    }
  }
  for (Track* track : unfed) {
    End(wall, track, changes);
  }
}

void PublishedTracks::End(absl::Time wall, Track* track, Changes& changes) {
  const auto found = std::find_if(tracks_.begin(), tracks_.end(),
                                  [&](const auto& owned) { return owned.get() == track; });
  const std::string cid = track->cid;
  changes.ended.push_back(std::move(*found));
  tracks_.erase(found);
  const auto queue = queued_.find(cid);
  if (queue == queued_.end()) {
    return;
  }
  changes.announced.push_back(Announce(wall, queue->second.front()));
  queue->second.pop_front();
  if (queue->second.empty()) {
    queued_.erase(queue);
  }
}

bool PublishedTracks::MapSections() {
  bool changed = false;
  // By name first, for all of them: a guess must not take what another section names.
  for (auto match : {&PublishedTracks::MatchByCid, &PublishedTracks::MatchByKind}) {
    for (auto& [mid, section] : sections_) {
      if (section.track != nullptr || section.barred) {
        continue;
      }
      if (Track* track = (this->*match)(section)) {
        Assign(mid, section, *track);
        changed = true;
      }
    }
  }
  return changed;
}

Track* PublishedTracks::MatchByCid(const Section& section) {
  const std::vector<std::string>& cids = section.offered.cids;
  const auto fits = [&](const Track& track) {
    return KindOfTrack(track.info) == section.offered.kind &&
           SectionsOf(&track) < track.info.codecs_size();
  };
  for (const auto& track : tracks_) {
    if (!track->live && fits(*track) && Contains(cids, track->cid)) {
      return track.get();
    }
  }
  for (const bool live : {false, true}) {
    for (const auto& track : tracks_) {
      if (track->live != live || !fits(*track)) {
        continue;
      }
      for (const livekit::SimulcastCodecInfo& codec : track->info.codecs()) {
        if (Contains(cids, codec.cid()) || Contains(cids, codec.sdp_cid())) {
          return track.get();
        }
      }
    }
  }
  return nullptr;
}

Track* PublishedTracks::MatchByKind(const Section& section) {
  for (const auto& track : tracks_) {
    if (!track->live && !track->mapped && KindOfTrack(track->info) == section.offered.kind) {
      return track.get();
    }
  }
  return nullptr;
}

void PublishedTracks::Assign(const std::string& mid, Section& section, Track& track) {
  const std::vector<std::string>& cids = section.offered.cids;
  livekit::SimulcastCodecInfo& codec = CodecEntry(track.info, cids);
  if (!cids.empty() && !Contains(cids, codec.cid())) {
    codec.set_sdp_cid(cids.front());
  }
  codec.set_mid(mid);
  if (&codec == &track.info.codecs(0)) {
    track.info.set_mid(mid);
  }
  section.track = &track;
  track.mapped = true;
  track.announced_again = false;
}

int PublishedTracks::SectionsOf(const Track* track) const {
  return static_cast<int>(
      std::count_if(sections_.begin(), sections_.end(),
                    [&](const auto& section) { return section.second.track == track; }));
}

negotiation::Assignments PublishedTracks::assignments() const {
  negotiation::Assignments assignments;
  for (const auto& [mid, section] : sections_) {
    if (section.track == nullptr) {
      continue;
    }
    livekit::TrackInfo& info = section.track->info;
    negotiation::PublishedTrack& published = assignments[mid];
    published.track = section.track->handle.value();
    published.preferred_codec = negotiation::CodecFromMime(CodecOfMid(info, mid).mime_type());
    published.stereo = info.stereo() || HasFeature(info, livekit::TF_STEREO);
    published.dtx = !info.disable_dtx() && !HasFeature(info, livekit::TF_NO_DTX);
    published.red = !info.disable_red();
    published.counts_as_speaker = info.source() == livekit::MICROPHONE;
  }
  return assignments;
}

Track* PublishedTracks::HandleStarted(absl::Time wall, TrackHandle handle, std::string_view mid,
                                      const negotiation::SourceCodec& codec) {
  Track* track = Find(handle);
  if (track == nullptr) {
    return nullptr;
  }
  const bool known = std::any_of(
      track->codecs.begin(), track->codecs.end(),
      [&](const negotiation::SourceCodec& flowing) { return flowing.codec == codec.codec; });
  if (track->live && known) {
    return nullptr;
  }
  const std::string mime(negotiation::MimeOf(codec.codec));
  livekit::SimulcastCodecInfo& entry = CodecOfMid(track->info, mid);
  entry.set_mime_type(mime);
  if (&entry == &track->info.codecs(0) || track->info.mime_type().empty()) {
    track->info.set_mime_type(mime);
  }
  track->codecs.push_back(codec);
  track->live = true;
  Touch(track->info, wall);
  return track;
}

PublishedTracks::Changes PublishedTracks::Remove(absl::Time wall, std::string_view sid) {
  Changes changes;
  Track* track = Find(sid);
  if (track == nullptr) {
    return changes;
  }
  for (auto& [mid, section] : sections_) {
    if (section.track == track) {
      section.track = nullptr;
      section.barred = true;
    }
  }
  queued_.erase(track->cid);
  End(wall, track, changes);
  return changes;
}

Track* PublishedTracks::Find(std::string_view sid) {
  for (const auto& track : tracks_) {
    if (track->info.sid() == sid) {
      return track.get();
    }
  }
  return nullptr;
}

Track* PublishedTracks::Find(TrackHandle handle) {
  for (const auto& track : tracks_) {
    if (track->handle == handle) {
      return track.get();
    }
  }
  return nullptr;
}

Track* PublishedTracks::FindByCid(std::string_view cid, bool live) {
  for (const auto& track : tracks_) {
    if (track->live == live && track->cid == cid) {
      return track.get();
    }
  }
  return nullptr;
}

}  // namespace sfu::room

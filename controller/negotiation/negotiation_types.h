#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/negotiation/codec_preferences.h"
#include "proto/livekit/rtc.pb.h"
#include "proto/sfu/worker.pb.h"

// What goes in and out of the negotiations. SDP travels as livekit.SessionDescription, ready for
// the signal connection, and media parameters as worker messages, ready for a RoomCommand.
namespace sfu::negotiation {

using worker::v1::ConfigureReceivers;
using worker::v1::ConfigureSenders;
using worker::v1::ConfigureTransport;
using worker::v1::TransportOpened;

struct NegotiationOptions {
  uint64_t transport = 0;  // Handle put into every worker message.
  CodecPreferences publish_codecs;
  CodecPreferences subscribe_codecs;

  // Firefox on Linux and Android ignores the order in an answer: name one codec only.
  bool answer_only_preferred_codec = false;
  // Safari must not see a section carry a second track (media rule LKT-4).
  bool reuse_sections = true;
  // Estimation from transport-cc feedback; false: from REMB, for clients without transport-cc.
  bool send_side_estimation = true;
  bool playout_delay = false;
};

// One section of the client's offer that sends media. Which published or pending track it is, is
// the room's to decide (signaling contract, section 4.2).
struct PublishSection {
  std::string mid;
  MediaKind kind = worker::v1::MEDIA_KIND_UNSPECIFIED;
  // What may name the track: the track id of a=msid first, then those of the a=ssrc lines.
  // Distinct, possibly none.
  std::vector<std::string> cids;
  std::string stream_id;      // Of the a=msid; "" when there is none or it is "-".
  std::vector<Codec> codecs;  // Offered and enabled, in the order offered. Empty: no media here.
  std::vector<std::string> rids;  // Low to high.
  bool started = false;           // Was not sending in the client's previous offer.
  bool cid_changed = false;  // Was sending, under another first cid: a new track, or a renamed one.
};

struct OfferSummary {
  uint32_t id = 0;
  std::vector<PublishSection> sending;  // All of them, in m-line order.
  // Sections that sent in the previous offer and do no more: the only sign of an unpublish
  // (trap 16).
  std::vector<std::string> ended_mids;
  // The client's ICE credentials are not those of its previous offer. The answer then needs new
  // ones of ours: the room asks the worker (RestartIce) before it builds the answer.
  bool ice_restarted = false;
  bool has_data_section = false;
};

// What the room knows about a section's track.
struct PublishedTrack {
  uint64_t track = 0;  // Worker handle. Two sections may have the same: backup codec (trap 18).
  std::optional<Codec> preferred_codec;  // From add_track; put first in the answer.
  bool stereo = false;
  bool dtx = true;
  bool red = true;  // False: disable_red.
  bool counts_as_speaker = false;
};

// By mid. Sections left out are parked: answered like others, their receiver has track 0 until the
// room has found out what they are (trap 14).
using Assignments = std::map<std::string, PublishedTrack>;

struct SourceCodec {
  Codec codec = worker::v1::CODEC_UNSPECIFIED;
  std::string fmtp;  // As the publisher negotiated it; tells H264 profiles apart. May be empty.
};

// A published track on its way to one subscriber.
struct SentTrack {
  uint64_t sender = 0;          // Worker handle, unique for the life of the negotiation.
  uint64_t track = 0;           // Worker handle of the source.
  std::string track_sid;        // "TR_..."
  std::string participant_sid;  // "PA_...", of the publisher.
  // Set: the stream id is "PA_...|<this>", so that tracks of one stream share a MediaStream.
  // Empty: the stream id is "PA_...|TR_..." (trap 20).
  std::string sync_stream;
  MediaKind kind = worker::v1::MEDIA_KIND_UNSPECIFIED;
  // Every codec the source is published in, most wanted first. RED implies opus
  // and the other way around.
  std::vector<SourceCodec> codecs;
  bool stereo = false;
};

}  // namespace sfu::negotiation

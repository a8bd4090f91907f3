#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/grants.h"
#include "proto/livekit/rtc.pb.h"

namespace sfu::room {

// Everything a client said about itself when it connected: the two forms of the request (query
// parameters of /rtc, join_request of /rtc/v1) become this one. Made by signal::ParseJoin, which
// has already checked `claims` (section 1.4 of the signaling contract).
struct JoinParameters {
  auth::Claims claims;  // With the request's metadata and attributes merged in.
  livekit::ClientInfo client;
  bool single_peer_connection = false;
  bool auto_subscribe = false;
  bool adaptive_stream = false;
  bool disable_ice_lite = false;
  bool auto_subscribe_data_track = false;
  std::optional<bool> subscriber_allow_pause;
  std::optional<livekit::SessionDescription> publisher_offer;
  std::vector<livekit::AddTrackRequest> add_track_requests;

  bool reconnect = false;
  livekit::ReconnectReason reconnect_reason = livekit::RR_UNKNOWN;
  std::string participant_sid;  // Of the session to resume; read only when `reconnect`.

  // Filled in by the shell: TURN credentials belong to one participant.
  std::vector<livekit::ICEServer> ice_servers;
  // Filled in from signal::ClientConfigurationFor().
  livekit::ClientConfiguration client_configuration;
};

// Why a checked request still does not become a session.
enum class JoinRefusal {
  kRoomFull,
  kRoomClosed,         // The room is going away: a new one must be created.
  kMetadataTooLong,    // 512 KiB.
  kAttributesTooLong,  // 64 KiB of keys and values.
  kNameTooLong,        // 256 bytes.
};

}  // namespace sfu::room

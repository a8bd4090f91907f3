#pragma once

#include <string_view>

#include "proto/livekit/models.pb.h"

// What is different about some clients. Everything that depends on a client's make or age asks
// here, so that this list is complete (signaling contract, section 8).
namespace sfu::room {

bool IsFirefox(const livekit::ClientInfo& client);
bool IsSafari(const livekit::ClientInfo& client);
bool RunsOn(const livekit::ClientInfo& client, std::string_view os);  // Any case.

// Whether a's version, as dotted numbers, is above "major.minor".
bool BrowserIsNewerThan(const livekit::ClientInfo& client, int major, int minor);

// Native clients of old abort on a message they do not know.
inline bool UnderstandsRequestResponse(const livekit::ClientInfo& client) {
  return client.sdk() != livekit::ClientInfo::RUST || client.protocol() >= 10;
}

// JavaScript before 1.6.3 takes no ReconnectResponse: it has to connect anew instead.
bool CanResume(const livekit::ClientInfo& client);

// Firefox there obeys only the first codec of an answer if it is the only one.
bool NeedsSingleCodecAnswer(const livekit::ClientInfo& client);

inline bool StartsFast(const livekit::ClientInfo& client) { return client.protocol() > 7; }
inline bool SpeaksOfSpeakers(const livekit::ClientInfo& client) { return client.protocol() > 2; }
inline bool SpeaksOfQuality(const livekit::ClientInfo& client) { return client.protocol() > 4; }
// Takes a DISCONNECTED of somebody it never knew, as a resume may bring.
inline bool KnowsMissedDepartures(const livekit::ClientInfo& client) {
  return client.protocol() > 8;
}
inline bool KnowsQualityLost(const livekit::ClientInfo& client) { return client.protocol() > 10; }
inline bool KnowsTrackUnpublished(const livekit::ClientInfo& client) {
  return client.protocol() > 6;
}
// A new SID under a known identity means "replaced": no DISCONNECTED in between.
inline bool UnderstandsReplacement(const livekit::ClientInfo& client) {
  return client.protocol() > 11;
}
inline bool KnowsLeaveAction(const livekit::ClientInfo& client) { return client.protocol() > 12; }
inline bool KnowsResponseOk(const livekit::ClientInfo& client) { return client.protocol() > 14; }
inline bool SupportsSyncStreams(const livekit::ClientInfo& client) {
  return client.protocol() > 9 && !IsFirefox(client);
}
inline bool ReusesSections(const livekit::ClientInfo& client) {
  return client.protocol() > 3 && !IsSafari(client);
}

}  // namespace sfu::room

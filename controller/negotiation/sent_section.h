#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/sdp/session_description.h"
#include "controller/negotiation/format_matching.h"
#include "controller/negotiation/negotiation_types.h"

// One of our senders as a section of ours, offered or answered, and as the worker sees it.
// Internal to this module.
namespace sfu::negotiation {

struct SenderSsrcs {
  uint32_t media = 0;
  uint32_t rtx = 0;
};

// Random, neither 0 nor all ones, not among `used`, which they are added to.
SenderSsrcs NewSenderSsrcs(Random& random, std::set<uint32_t>& used);

// "PA_...|TR_..." (trap 20), or "PA_...|<stream>" where streams are kept together.
std::string StreamIdOf(const SentTrack& sent);

// Our own formats for the source's codecs, for an offer; RTX where enabled. Empty when none is
// enabled.
std::vector<MatchedFormat> ServerFormats(const SentTrack& sent, bool with_video,
                                         const NegotiationOptions& options);

// Those of `formats` that can carry the source, the source's order first, exact profile matches
// before others.
std::vector<MatchedFormat> FormatsForSource(const SentTrack& sent,
                                            const std::vector<MatchedFormat>& formats);

// Payload types, msid and SSRCs of the sender into `section`.
void WriteSender(const SentTrack& sent, const std::vector<MatchedFormat>& formats,
                 const SenderSsrcs& ssrcs, sdp::MediaSection& section);

worker::v1::Sender ToWorkerSender(const SentTrack& sent, const std::string& mid,
                                  const std::vector<MatchedFormat>& formats,
                                  const std::vector<sdp::HeaderExtension>& extensions,
                                  const SenderSsrcs& ssrcs);

}  // namespace sfu::negotiation

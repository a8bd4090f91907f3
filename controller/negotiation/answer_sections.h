#pragma once

#include <optional>
#include <vector>

#include "common/sdp/session_description.h"
#include "controller/negotiation/format_matching.h"
#include "controller/negotiation/negotiation_types.h"

// Answers to single sections of a client's offer; ports, credentials and setup come later
// (local_description.h). Internal to this module.
namespace sfu::negotiation {

// "No": port 0, the rest echoed, since a line never goes away.
sdp::MediaSection RejectSection(const sdp::MediaSection& offered);

sdp::MediaSection AnswerDataSection(const sdp::MediaSection& offered);

// A section that carries nothing either way; rejected when no codec is shared.
sdp::MediaSection AnswerIdleSection(const sdp::MediaSection& offered,
                                    const CodecPreferences& codecs);

struct PublishAnswer {
  sdp::MediaSection section;
  std::optional<worker::v1::Receiver> receiver;  // Track 0. None when the section is rejected.
};

// A section the client sends on. `track` is null for a parked one.
PublishAnswer AnswerPublishSection(const sdp::MediaSection& offered, const PublishedTrack* track,
                                   const NegotiationOptions& options, ConnectionModel model);

// The receivers with today's tracks filled in.
ConfigureReceivers AssignReceivers(uint64_t transport,
                                   const std::vector<worker::v1::Receiver>& receivers,
                                   const Assignments& assignments);

}  // namespace sfu::negotiation

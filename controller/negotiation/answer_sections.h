#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/sdp/session_description.h"
#include "controller/negotiation/format_matching.h"
#include "controller/negotiation/negotiation_types.h"

// Answers to single sections of a client's offer; ports, credentials and setup come later
// (local_description.h). Internal to this module.
namespace sfu::negotiation {

// What every answer to a section that is not rejected starts from.
sdp::MediaSection StartSection(const sdp::MediaSection& offered);

// "No": port 0, the rest echoed, since a line never goes away.
sdp::MediaSection RejectSection(const sdp::MediaSection& offered);

sdp::MediaSection AnswerDataSection(const sdp::MediaSection& offered);

// A section that carries nothing now, answered with `direction` and all shared codecs; rejected
// when there are none.
sdp::MediaSection AnswerIdleSection(const sdp::MediaSection& offered,
                                    const CodecPreferences& codecs, sdp::Direction direction,
                                    const NegotiationOptions& options);

struct PublishAnswer {
  sdp::MediaSection section;
  std::optional<worker::v1::Receiver> receiver;  // Track 0. None when the section is rejected.
};

// A section the client sends on. `track` is null for a parked one.
PublishAnswer AnswerPublishSection(const sdp::MediaSection& offered, const PublishedTrack* track,
                                   const NegotiationOptions& options, ConnectionModel model);

// A section the client sends on, or a data section, or one of a kind we do not know. Appends what
// comes up on it to `receivers`.
sdp::MediaSection AnswerUpSection(const sdp::MediaSection& offered, const Assignments& assignments,
                                  const NegotiationOptions& options, ConnectionModel model,
                                  std::vector<worker::v1::Receiver>& receivers);

// The rids the client sends, in the order offered and at most three: media has no more layers.
std::vector<std::string> OfferedRids(const sdp::MediaSection& offered);

// The same low to high: q, h, f by name, all others by the order offered (media rule RX-11).
std::vector<std::string> RidsLowToHigh(std::vector<std::string> rids);

// The receivers with today's tracks filled in.
ConfigureReceivers AssignReceivers(uint64_t transport,
                                   const std::vector<worker::v1::Receiver>& receivers,
                                   const Assignments& assignments);

}  // namespace sfu::negotiation

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/sfu/worker.pb.h"

namespace sfu::negotiation {

// The JSON text of TrickleRequest.candidateInit, an RTCIceCandidateInit (signaling contract,
// section 5.3).
struct CandidateInit {
  std::string candidate;  // "candidate:...", or "" for the end of candidates.
  std::string sdp_mid;
  int sdp_mline_index = 0;
  std::string username_fragment;  // "" for none.
};

// Tolerant of absent and null fields, since clients differ; nullopt unless `json` is an object
// (at most 4 KiB) whose fields, where present, have the right types.
std::optional<CandidateInit> ParseCandidateInit(std::string_view json);

// Always a string mid and an integer index: native clients abort on anything else, and on an empty
// candidate, which therefore is our bug (trap 23).
std::string WriteCandidateInit(const CandidateInit& init);

// "candidate:..." for a candidate of ours (RFC 8839 section 5.1; TCP: RFC 6544 section 4.5).
std::string CandidateText(const worker::v1::Candidate& candidate);

}  // namespace sfu::negotiation

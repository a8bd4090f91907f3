#include "controller/negotiation/candidate_init.h"

#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "common/base/check.h"

namespace sfu::negotiation {
namespace {

constexpr size_t kMaxJsonBytes = 4096;

// False for a value of another type; absent and null leave `text` as it is.
bool ReadText(const boost::json::object& object, const char* name, std::string& text) {
  const boost::json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return true;
  }
  const boost::json::string* const string = value->if_string();
  if (string == nullptr) {
    return false;
  }
  text.assign(string->data(), string->size());
  return true;
}

bool ReadIndex(const boost::json::object& object, int& index) {
  const boost::json::value* const value = object.if_contains("sdpMLineIndex");
  if (value == nullptr || value->is_null()) {
    return true;
  }
  const int64_t* const number = value->if_int64();
  if (number == nullptr || *number < 0 || *number > std::numeric_limits<uint16_t>::max()) {
    return false;
  }
  index = static_cast<int>(*number);
  return true;
}

}  // namespace

std::optional<CandidateInit> ParseCandidateInit(std::string_view json) {
  if (json.size() > kMaxJsonBytes) {
    return std::nullopt;
  }
  boost::system::error_code error;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), error);
  const boost::json::object* const object = error ? nullptr : value.if_object();
  CandidateInit init;
  if (object == nullptr || !ReadText(*object, "candidate", init.candidate) ||
      !ReadText(*object, "sdpMid", init.sdp_mid) || !ReadIndex(*object, init.sdp_mline_index) ||
      !ReadText(*object, "usernameFragment", init.username_fragment)) {
    return std::nullopt;
  }
  return init;
}

std::string WriteCandidateInit(const CandidateInit& init) {
  SFU_CHECK(!init.candidate.empty() && !init.sdp_mid.empty());
  boost::json::object object;
  object["candidate"] = init.candidate;
  object["sdpMid"] = init.sdp_mid;
  object["sdpMLineIndex"] = init.sdp_mline_index;
  if (init.username_fragment.empty()) {
    object["usernameFragment"] = nullptr;
  } else {
    object["usernameFragment"] = init.username_fragment;
  }
  return boost::json::serialize(object);
}

std::string CandidateText(const worker::v1::Candidate& candidate) {
  return fmt::format("candidate:{} 1 {} {} {} {} typ host{}", candidate.foundation(),
                     candidate.tcp() ? "tcp" : "udp", candidate.priority(), candidate.ip(),
                     candidate.port(), candidate.tcp() ? " tcptype passive" : "");
}

}  // namespace sfu::negotiation

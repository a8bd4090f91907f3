#include "worker/ice/credentials.h"

#include "common/base/check.h"

namespace sfu::ice {
namespace {

// ice-char (RFC 8839 §5.4): exactly 64 of them, six bits each.
constexpr std::string_view kIceCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kThreadCharacters = 2;
constexpr size_t kRandomUfragCharacters = 8;
constexpr size_t kPasswordCharacters = 24;

}  // namespace

Credentials GenerateCredentials(Random& random, uint32_t thread_index) {
  SFU_CHECK(thread_index <= kMaxThreadIndex);
  const std::string thread = {kIceCharacters[thread_index / 64], kIceCharacters[thread_index % 64]};
  return {.ufrag = thread + random.NextText(kRandomUfragCharacters, kIceCharacters),
          .password = random.NextText(kPasswordCharacters, kIceCharacters)};
}

std::optional<uint32_t> ThreadIndexOf(std::string_view ufrag) {
  if (ufrag.size() != kThreadCharacters + kRandomUfragCharacters) {
    return std::nullopt;
  }
  const size_t high = kIceCharacters.find(ufrag[0]);
  const size_t low = kIceCharacters.find(ufrag[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(high * 64 + low);
}

}  // namespace sfu::ice

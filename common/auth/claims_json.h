#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/auth/grants.h"

// The payload of a token, as text and as values. Internal to this module.
namespace sfu::auth {

// What must be known before the signature can be checked.
struct TokenHeader {
  std::string algorithm;
};
std::optional<TokenHeader> ParseTokenHeader(std::string_view json);

// nullopt unless `json` is an object whose known members have their types. null stands for absent
// anywhere (clients with serializers that write every field do that), unknown members are ignored.
// `expires_at` is InfinitePast() when there was none.
std::optional<Claims> ParseClaims(std::string_view json);

std::string WriteClaims(const Claims& claims);

}  // namespace sfu::auth

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "common/redis/reply.h"

namespace sfu::redis {

// The words of one command, the name first: {"SET", key, value}. Any bytes.
using Command = std::vector<std::string>;

// Appends `command` as Redis reads it (RESP2).
void EncodeCommand(const Command& command, std::string& bytes);

// What an error reply means to a caller. Unavailable: the same command may succeed later or on
// another server (loading, failing over, out of memory, login withdrawn). NotFound: no such script.
// Internal: the command itself is at fault. The text is Redis's own.
absl::Status StatusOf(const Reply& error);

// Whether the error says that this server is no place for us any more: reconnecting may help.
bool AsksToReconnect(const Reply& error);

}  // namespace sfu::redis

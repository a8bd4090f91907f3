#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/redis/command.h"
#include "common/redis/redis_options.h"

namespace sfu::redis {

// One question to a server that has just been connected to, and what to make of the answer: an
// error says, in an operator's words, why this server is of no use.
struct HandshakeStep {
  Command command;
  std::function<absl::Status(const absl::StatusOr<Reply>& answer)> judge;
};

// In order, all asked at once: login, database, PING, whether it is a master (only when sentinels
// named it), and whether we may run scripts there.
std::vector<HandshakeStep> ServerHandshake(const RedisOptions& options);

// Login and PING.
std::vector<HandshakeStep> SentinelHandshake(const RedisOptions& options);

}  // namespace sfu::redis

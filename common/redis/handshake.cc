#include "common/redis/handshake.h"

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace sfu::redis {
namespace {

using Answer = absl::StatusOr<Reply>;

std::string WordsOf(const Answer& answer) { return std::string(answer.status().message()); }

absl::Status Unusable(std::string_view why, std::string_view fix) {
  return absl::FailedPreconditionError(fmt::format("{} ({})", why, fix));
}

HandshakeStep Login(const Credentials& credentials, std::string_view keys) {
  Command command = {"AUTH"};
  if (!credentials.username.empty()) {
    command.push_back(credentials.username);
  }
  command.push_back(credentials.password);
  return {.command = std::move(command), .judge = [keys](const Answer& answer) {
            return answer.ok() ? absl::OkStatus()
                               : Unusable(WordsOf(answer), fmt::format("check {}", keys));
          }};
}

HandshakeStep Ping(std::string_view password_key) {
  return {
      .command = {"PING"}, .judge = [password_key](const Answer& answer) {
        if (answer.ok()) {
          return answer->is_status("PONG") ? absl::OkStatus()
                                           : absl::InternalError("PING is not answered by PONG");
        }
        return WordsOf(answer).starts_with("NOAUTH")
                   ? Unusable("the server wants a password", fmt::format("set {}", password_key))
                   : answer.status();
      }};
}

HandshakeStep Select(uint32_t database) {
  return {.command = {"SELECT", std::to_string(database)}, .judge = [](const Answer& answer) {
            return answer.ok() ? absl::OkStatus() : Unusable(WordsOf(answer), "check redis.db");
          }};
}

HandshakeStep IsMaster() {
  return {.command = {"ROLE"}, .judge = [](const Answer& answer) {
            if (!answer.ok()) {
              return answer.status();
            }
            const bool is_master = answer->is_array() && !answer->items.empty() &&
                                   answer->items.front().text == "master";
            return is_master ? absl::OkStatus()
                             : absl::UnavailableError(
                                   "the sentinels' master is a replica; a "
                                   "failover may be under way");
          }};
}

// Everything we keep is read and written by scripts.
HandshakeStep MayRunScripts() {
  return {.command = {"EVAL", "return redis.call('EXISTS', KEYS[1])", "1", "sfu:nodes"},
          .judge = [](const Answer& answer) {
            if (answer.ok()) {
              return absl::OkStatus();
            }
            const std::string words = WordsOf(answer);
            if (words.starts_with("MOVED") || words.starts_with("ASK") ||
                words.starts_with("CLUSTERDOWN")) {
              return Unusable("the server is part of a Redis Cluster, which is not supported",
                              "use one server or sentinels");
            }
            if (words.find("NOPERM") != std::string::npos ||
                words.find("ermission") != std::string::npos) {
              return Unusable(words, "the user needs ~sfu:* +@read +@write +@scripting +time");
            }
            return answer.status();
          }};
}

}  // namespace

std::vector<HandshakeStep> ServerHandshake(const RedisOptions& options) {
  std::vector<HandshakeStep> steps;
  if (!options.credentials.password.empty()) {
    steps.push_back(Login(options.credentials, "redis.username and redis.password"));
  }
  steps.push_back(Ping("redis.password"));
  if (options.database != 0) {
    steps.push_back(Select(options.database));
  }
  if (!options.sentinels.empty()) {
    steps.push_back(IsMaster());
  }
  steps.push_back(MayRunScripts());
  return steps;
}

std::vector<HandshakeStep> SentinelHandshake(const RedisOptions& options) {
  std::vector<HandshakeStep> steps;
  if (!options.sentinel_credentials.password.empty()) {
    steps.push_back(
        Login(options.sentinel_credentials, "redis.sentinel_username and redis.sentinel_password"));
  }
  steps.push_back(Ping("redis.sentinel_password"));
  return steps;
}

}  // namespace sfu::redis

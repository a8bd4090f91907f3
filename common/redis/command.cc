#include "common/redis/command.h"

#include <array>

#include <hiredis/hiredis.h>

#include "common/base/check.h"

namespace sfu::redis {
namespace {

constexpr std::array kTransient = {"LOADING", "MASTERDOWN", "READONLY", "CLUSTERDOWN",
                                   "BUSY",    "OOM",        "MISCONF",  "NOREPLICAS",
                                   "NOAUTH",  "NOPERM",     "TRYAGAIN", "UNBLOCKED"};

std::string_view FirstWord(const Reply& error) {
  return std::string_view(error.text).substr(0, error.text.find(' '));
}

}  // namespace

void EncodeCommand(const Command& command, std::string& bytes) {
  std::vector<const char*> words;
  std::vector<size_t> lengths;
  words.reserve(command.size());
  lengths.reserve(command.size());
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* encoded = nullptr;
  const int length = redisFormatCommandArgv(&encoded, static_cast<int>(command.size()),
                                            words.data(), lengths.data());
  SFU_CHECK(length > 0);
  bytes.append(encoded, static_cast<size_t>(length));
  redisFreeCommand(encoded);
}

absl::Status StatusOf(const Reply& error) {
  const std::string_view word = FirstWord(error);
  if (word == "NOSCRIPT") {
    return absl::NotFoundError(error.text);
  }
  for (const std::string_view transient : kTransient) {
    if (word == transient) {
      return absl::UnavailableError(error.text);
    }
  }
  return absl::InternalError(error.text);
}

bool AsksToReconnect(const Reply& error) {
  const std::string_view word = FirstWord(error);
  return word == "READONLY" || word == "MASTERDOWN" || word == "NOAUTH";
}

}  // namespace sfu::redis

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "common/redis/command_pipeline.h"
#include "common/redis/reply_decoder.h"

namespace {

using namespace sfu::redis;

size_t ItemsIn(const Reply& reply) {
  size_t count = reply.items.size();
  for (const Reply& item : reply.items) {
    count += ItemsIn(item);
  }
  return count;
}

}  // namespace

// Any bytes from a server, in pieces whose size the first byte says: what is read stays within the
// limits, does not depend on the pieces, and no command is answered twice.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t piece_size = data[0] + size_t{1};
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);

  ReplyDecoder at_once;
  const auto whole = at_once.Decode(bytes);

  ReplyDecoder decoder;
  size_t count = 0;
  bool failed = false;
  for (size_t i = 0; i < bytes.size() && !failed; i += piece_size) {
    const auto replies = decoder.Decode(bytes.substr(i, piece_size));
    failed = !replies.has_value();
    if (replies) {
      count += replies->size();
      for (const Reply& reply : *replies) {
        SFU_CHECK(ItemsIn(reply) <= kMaxReplyItems);
      }
    }
  }
  SFU_CHECK(failed == !whole.has_value());
  SFU_CHECK(failed || count == whole->size());

  const auto now = sfu::Timestamp::FromMicros(1);
  CommandPipeline pipeline(absl::Seconds(1));
  std::vector<int> answers(3);
  for (int& answer : answers) {
    pipeline.Add(now, {"GET", "key"}, now + absl::Seconds(1),
                 [&answer](const absl::StatusOr<Reply>&) { ++answer; });
  }
  for (size_t i = 0; i < bytes.size(); i += piece_size) {
    if (!pipeline.HandleBytes(now, bytes.substr(i, piece_size)).ok()) {
      break;
    }
  }
  pipeline.FailAll(absl::UnavailableError("the end"));
  for (const int answer : answers) {
    SFU_CHECK(answer == 1);
  }
  return 0;
}

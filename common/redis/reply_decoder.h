#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/expected.h"
#include "common/redis/reply.h"

struct redisReader;

namespace sfu::redis {

// Why a stream of replies cannot be read any further.
enum class DecodeError {
  kMalformed,  // Not RESP2; also values nested deeper than 7.
  kTooLarge,   // More than kMaxReplyBytes or kMaxReplyItems in one reply.
};

inline constexpr size_t kMaxReplyBytes = 8 << 20;
inline constexpr size_t kMaxReplyItems = 65'536;

// Bytes from one connection -> replies, with hiredis as the parser. Whatever the bytes, it holds
// no more than the limits above and what one Decode() brings. After an error only destruction
// makes sense: where the next reply starts is unknown.
class ReplyDecoder {
 public:
  ReplyDecoder();
  ~ReplyDecoder();

  // The replies that `bytes` complete, in order.
  Expected<std::vector<Reply>, DecodeError> Decode(std::string_view bytes);

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const;
  };

  std::unique_ptr<redisReader, FreeReader> reader_;
  size_t items_left_ = kMaxReplyItems;  // Of the reply being read.
};

}  // namespace sfu::redis

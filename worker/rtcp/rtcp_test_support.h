// For this module's tests only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// The bytes that `write(ByteWriter&)` produces.
template <typename Write>
std::vector<uint8_t> Written(Write write, size_t capacity = 2048) {
  std::vector<uint8_t> bytes(capacity);
  ByteWriter writer(absl::MakeSpan(bytes));
  write(writer);
  bytes.resize(writer.size());
  return bytes;
}

// The only packet of a compound, which must parse.
inline SubPacket Only(const std::vector<uint8_t>& bytes) {
  const std::optional<CompoundView> compound = CompoundView::Parse(bytes);
  EXPECT_TRUE(compound.has_value());
  CompoundView::Iterator second = compound->begin();
  EXPECT_TRUE(++second == compound->end());
  return *compound->begin();
}

// Parses the packet cut to each length and expects failure below `shortest_valid_body`. Each cut
// has its own memory, so that the sanitizer sees a read past the end.
template <typename View>
void ExpectTruncationsFail(const std::vector<uint8_t>& bytes, size_t shortest_valid_body) {
  const SubPacket whole = Only(bytes);
  ASSERT_LE(shortest_valid_body, whole.body.size());
  for (size_t size = 0; size <= whole.body.size(); ++size) {
    const std::vector<uint8_t> cut(whole.body.begin(),
                                   whole.body.begin() + static_cast<ptrdiff_t>(size));
    const bool parsed =
        View::Parse({.type = whole.type, .count = whole.count, .body = cut}).has_value();
    EXPECT_TRUE(!parsed || size >= shortest_valid_body) << size;
    EXPECT_TRUE(parsed || size < whole.body.size()) << size;
  }
}

}  // namespace sfu::rtcp

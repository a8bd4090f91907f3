#include "worker/rtcp/status_chunks.h"

#include <algorithm>

#include "common/base/check.h"

namespace sfu::rtcp {
namespace {

constexpr unsigned kVector = 0x8000;
constexpr unsigned kTwoBit = 0x4000;
constexpr unsigned kRunLengthMask = 0x1fff;

}  // namespace

std::optional<uint8_t> StatusChunkReader::Next() {
  if (remaining_ == 0) {
    if (rest_.size() < 2) {
      return std::nullopt;
    }
    chunk_ = static_cast<uint16_t>(rest_[0] << 8 | rest_[1]);
    rest_.remove_prefix(2);
    if ((chunk_ & kVector) == 0) {
      remaining_ = chunk_ & kRunLengthMask;
      if (remaining_ == 0) {
        return std::nullopt;
      }
    } else {
      remaining_ = (chunk_ & kTwoBit) != 0 ? 7 : 14;
    }
  }
  --remaining_;
  if ((chunk_ & kVector) == 0) {
    return static_cast<uint8_t>(chunk_ >> 13 & 3);
  }
  if ((chunk_ & kTwoBit) != 0) {
    return static_cast<uint8_t>(chunk_ >> (2 * remaining_) & 3);
  }
  return static_cast<uint8_t>(chunk_ >> remaining_ & 1);
}

std::optional<uint16_t> StatusChunkPacker::Add(uint8_t symbol) {
  std::optional<uint16_t> closed;
  if (!Fits(symbol)) {
    closed = CloseOne();
  }
  Append(symbol);
  return closed;
}

uint16_t StatusChunkPacker::Finish() const {
  SFU_CHECK(!empty());
  if (all_same_) {
    return Run();
  }
  return has_large_ ? TwoBitVector() : OneBitVector();
}

// Whether what is pending stays expressible in one chunk.
bool StatusChunkPacker::Fits(uint8_t symbol) const {
  if (size_ < kTwoBitSymbols) {
    return true;
  }
  if (size_ < kOneBitSymbols && !has_large_ && symbol != kLargeDelta) {
    return true;
  }
  return all_same_ && size_ < kMaxRun && symbol == symbols_[0];
}

void StatusChunkPacker::Append(uint8_t symbol) {
  all_same_ = size_ == 0 || (all_same_ && symbol == symbols_[0]);
  has_large_ = has_large_ || symbol == kLargeDelta;
  if (size_ < kOneBitSymbols) {
    symbols_[size_] = symbol;
  }
  ++size_;
}

// A vector must be full unless it is the last chunk, so of a mixture that cannot grow as 14 one-bit
// symbols, seven go and the rest stays.
uint16_t StatusChunkPacker::CloseOne() {
  const bool whole = all_same_ || size_ == kOneBitSymbols;
  const uint16_t chunk = all_same_ ? Run() : whole ? OneBitVector() : TwoBitVector();
  const StatusChunkPacker old = *this;
  *this = StatusChunkPacker();
  for (size_t i = kTwoBitSymbols; !whole && i < old.size_; ++i) {
    Append(old.symbols_[i]);
  }
  return chunk;
}

uint16_t StatusChunkPacker::Run() const { return static_cast<uint16_t>(symbols_[0] << 13 | size_); }

uint16_t StatusChunkPacker::OneBitVector() const {
  unsigned chunk = kVector;
  for (size_t i = 0; i < std::min<size_t>(size_, kOneBitSymbols); ++i) {
    chunk |= static_cast<unsigned>(symbols_[i]) << (kOneBitSymbols - 1 - i);
  }
  return static_cast<uint16_t>(chunk);
}

uint16_t StatusChunkPacker::TwoBitVector() const {
  unsigned chunk = kVector | kTwoBit;
  for (size_t i = 0; i < std::min<size_t>(size_, kTwoBitSymbols); ++i) {
    chunk |= static_cast<unsigned>(symbols_[i]) << (2 * (kTwoBitSymbols - 1 - i));
  }
  return static_cast<uint16_t>(chunk);
}

}  // namespace sfu::rtcp

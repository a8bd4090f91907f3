// Internal to worker/rtcp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

namespace sfu::rtcp {

// The status chunks of transport feedback, 16 bits each (see transport_feedback.h). A symbol is
// 0 not received, 1 received with a delta of one byte, 2 of two bytes; 3 is reserved.
inline constexpr uint8_t kNotReceived = 0;
inline constexpr uint8_t kSmallDelta = 1;
inline constexpr uint8_t kLargeDelta = 2;

// Takes symbols out of chunks. Borrows the bytes.
class StatusChunkReader {
 public:
  explicit StatusChunkReader(absl::Span<const uint8_t> bytes) : rest_(bytes) {}

  // nullopt when the bytes are used up, or at a run of length 0.
  std::optional<uint8_t> Next();

  // What follows the chunk of the last symbol.
  absl::Span<const uint8_t> rest() const { return rest_; }

 private:
  absl::Span<const uint8_t> rest_;
  uint16_t chunk_ = 0;
  uint32_t remaining_ = 0;  // Symbols of `chunk_` not yet taken.
};

// Puts symbols into chunks, greedily. Small enough to copy for trying something out.
class StatusChunkPacker {
 public:
  // Returns the chunk that had to be closed to make room, if any.
  std::optional<uint16_t> Add(uint8_t symbol);

  bool empty() const { return size_ == 0; }
  // The last chunk, unused places filled with "not received". Precondition: !empty().
  uint16_t Finish() const;

 private:
  static constexpr size_t kOneBitSymbols = 14;
  static constexpr size_t kTwoBitSymbols = 7;
  static constexpr size_t kMaxRun = (1 << 13) - 1;

  bool Fits(uint8_t symbol) const;
  void Append(uint8_t symbol);
  uint16_t CloseOne();
  uint16_t Run() const;
  uint16_t OneBitVector() const;
  uint16_t TwoBitVector() const;

  std::array<uint8_t, kOneBitSymbols> symbols_ = {};  // The first of a longer run only.
  uint16_t size_ = 0;
  bool all_same_ = true;
  bool has_large_ = false;
};

}  // namespace sfu::rtcp

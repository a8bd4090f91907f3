#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "worker/rtcp/rtcp_types.h"

namespace sfu::rtcp {

// One packet of a compound; borrows its bytes.
struct SubPacket {
  PacketType type;  // May be a number that PacketType does not name: skip it.
  uint8_t count;    // Five bits: a count of blocks, or the format of a feedback message.
  absl::Span<const uint8_t> body;  // Behind the common header, without padding.
};

// The packets of one decrypted RTCP datagram (RFC 3550 §6.1, reduced size per RFC 5506). All
// lengths are checked once, in Parse(); iterating cannot fail:
//
//   for (const SubPacket packet : *compound) { ... }
class CompoundView {
 public:
  static constexpr size_t kMaxSubPackets = 64;
  static constexpr size_t kMaxSize = 4096;

  class Iterator {
   public:
    SubPacket operator*() const;
    Iterator& operator++();
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.rest_.size() == b.rest_.size();
    }

   private:
    friend class CompoundView;
    explicit Iterator(absl::Span<const uint8_t> rest) : rest_(rest) {}
    absl::Span<const uint8_t> rest_;
  };

  // nullopt if empty, above either limit, with a version other than 2, with a length that does not
  // fit, or with padding that does not.
  static std::optional<CompoundView> Parse(absl::Span<const uint8_t> compound);

  Iterator begin() const { return Iterator(compound_); }
  Iterator end() const { return Iterator(compound_.last(0)); }

 private:
  explicit CompoundView(absl::Span<const uint8_t> compound) : compound_(compound) {}
  absl::Span<const uint8_t> compound_;
};

}  // namespace sfu::rtcp

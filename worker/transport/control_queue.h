#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/types/span.h>

#include "worker/ice/path.h"

namespace sfu::transport {

// The small change of one transport between two flushes: STUN answers, DTLS records (SCTP within),
// RTCP. They go before media and are not paced [CC-40]. First in, first out, except that STUN
// answers are taken by the caller's order of adding, as everything else.
//
// One flat buffer that is emptied as a whole, so a quiet transport costs nothing and a busy one no
// allocation. Bounded: an SCTP burst beyond it is dropped and repeated by SCTP.
class ControlQueue {
 public:
  static constexpr size_t kLimitBytes = 512 * 1024;
  // What is kept for reuse: more than that was a burst.
  static constexpr size_t kRetainedBytes = 8 * 1024;

  enum class Kind : uint8_t {
    kReady,  // To be sent as it is.
    kRtcp,   // Plain; to be protected on its way out, and sent by the path selected then.
  };
  struct Entry {
    Kind kind;
    ice::Path path;  // For kReady.
    uint32_t offset_bytes;
    uint32_t size_bytes;
  };

  // False, and nothing changed, if the queue is full.
  [[nodiscard]] bool Add(const ice::Path& path, absl::Span<const uint8_t> datagram);
  [[nodiscard]] bool AddRtcp(absl::Span<const uint8_t> compound);

  bool empty() const { return next_ == entries_.size(); }

  // The oldest entry. Precondition: !empty(). Valid until the next Add…() or Pop().
  const Entry& front() const { return entries_[next_]; }
  absl::Span<const uint8_t> front_bytes() const {
    return absl::MakeConstSpan(bytes_).subspan(front().offset_bytes, front().size_bytes);
  }
  void Pop();

 private:
  bool Append(Kind kind, const ice::Path& path, absl::Span<const uint8_t> bytes);

  std::vector<uint8_t> bytes_;
  std::vector<Entry> entries_;
  size_t next_ = 0;
};

}  // namespace sfu::transport

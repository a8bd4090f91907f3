#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"

namespace sfu::ice_tcp {

// What one TCP connection could not take yet: whole packets in their frames (RFC 4571), each with
// the moment after which it is of no use. TCP delivers everything, however late; a media packet
// that waits is dropped here instead, which its receiver sees as loss and repairs as loss [TCP-5].
//
// A frame of which the connection has taken a part must be finished, or all that follows is
// garbage: it is never dropped. Bounded in bytes. Packets are copied in, one allocation each: only
// a connection that does not keep up has any.
class SendQueue {
 public:
  // Half a megabyte is two seconds of 2 Mbit/s: more than what deserves to wait so long.
  static constexpr size_t kLimitBytes = 512 * 1024;

  // False, and nothing changed, if `limit_bytes` (at most kLimitBytes) would be exceeded: a lower
  // limit for video leaves room for what matters more. `expires` may be Timestamp::Never().
  [[nodiscard]] bool Push(absl::Span<const uint8_t> packet, Timestamp expires,
                          size_t limit_bytes = kLimitBytes);

  // The packet of which the connection has taken all but the last `unwritten` bytes of its frame.
  // Precondition: empty(), and 0 < unwritten <= the frame's size.
  void PushRest(absl::Span<const uint8_t> packet, size_t unwritten);

  // Removes what expired before `now`. Returns how many packets that were.
  size_t DropLate(Timestamp now);

  bool empty() const { return frames_.empty(); }
  size_t size() const { return frames_.size(); }
  size_t size_bytes() const { return size_bytes_; }

  // What is to be written of the frame at `index`, 0 being the first to leave. Valid until the next
  // change.
  absl::Span<const uint8_t> BytesOf(size_t index) const;

  // The connection has taken so many bytes, from the front.
  void Consume(size_t written);

 private:
  struct Frame {
    std::vector<uint8_t> bytes;
    Timestamp expires;
  };

  static std::vector<uint8_t> FrameOf(absl::Span<const uint8_t> packet);

  std::deque<Frame> frames_;
  size_t written_of_first_ = 0;
  size_t size_bytes_ = 0;  // Without what is written.
};

}  // namespace sfu::ice_tcp

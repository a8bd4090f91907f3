#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/types/span.h>

#include "worker/ice/path.h"

namespace sfu::transport {

// What a datagram carries, for a connection (ICE-TCP) that cannot take it now and has to decide
// whether it may wait. UDP sockets do not ask.
enum class DatagramContent : uint8_t { kControl, kAudio, kVideo, kPadding };

// Datagrams on their way to the sockets, back to back in one slab: packets are written and
// encrypted where the socket will read them, and a run of equal-sized packets to one destination is
// one contiguous piece of memory, ready for a segmented send [PERF-20].
//
// Filled by Transport::Flush(), sent and cleared by the shell; keeps its memory. A batch is one
// *chunk* of a pass: small enough that the first subscriber does not wait for the hundredth to be
// encrypted (research: 100 packets take some 0.2 ms), large enough to fill a sendmmsg call.
class DatagramBatch {
 public:
  // Of one datagram: nothing we send is larger than Ethernet's 1,500 bytes minus the IPv4 and UDP
  // headers.
  static constexpr size_t kMaxDatagramBytes = 1472;
  static constexpr size_t kDefaultLimit = 64;

  struct Entry {
    ice::Path path;
    uint32_t offset_bytes;  // In the slab. Entries follow one another without gaps.
    uint32_t size_bytes;
    DatagramContent content;
  };

  explicit DatagramBatch(size_t limit_datagrams = kDefaultLimit);

  // No room for one more datagram of any size.
  bool full() const { return entries_.size() == limit_datagrams_; }
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }

  // Where the next datagram goes: kMaxDatagramBytes of memory. Only what is committed counts, so a
  // packet that turns out to be unsendable is simply not committed. Precondition: !full().
  absl::Span<uint8_t> Tail();
  void Commit(const ice::Path& path, size_t size_bytes,
              DatagramContent content = DatagramContent::kControl);

  // Precondition: !full(), and `datagram` is at most kMaxDatagramBytes long.
  void Append(const ice::Path& path, absl::Span<const uint8_t> datagram,
              DatagramContent content = DatagramContent::kControl);

  absl::Span<const Entry> entries() const { return entries_; }
  absl::Span<const uint8_t> BytesOf(const Entry& entry) const {
    return absl::MakeConstSpan(slab_).subspan(entry.offset_bytes, entry.size_bytes);
  }

  void Clear();

 private:
  const size_t limit_datagrams_;
  std::vector<uint8_t> slab_;  // limit_datagrams_ * kMaxDatagramBytes.
  std::vector<Entry> entries_;
  size_t used_bytes_ = 0;
};

}  // namespace sfu::transport

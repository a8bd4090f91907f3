#include "worker/transport/datagram_batch.h"

#include <algorithm>

#include "common/base/check.h"

namespace sfu::transport {

DatagramBatch::DatagramBatch(size_t limit_datagrams)
    : limit_datagrams_(limit_datagrams), slab_(limit_datagrams * kMaxDatagramBytes) {
  SFU_CHECK(limit_datagrams > 0);
  entries_.reserve(limit_datagrams);
}

absl::Span<uint8_t> DatagramBatch::Tail() {
  SFU_CHECK(!full());
  return absl::MakeSpan(slab_).subspan(used_bytes_, kMaxDatagramBytes);
}

void DatagramBatch::Commit(const ice::Path& path, size_t size_bytes, DatagramContent content) {
  SFU_CHECK(!full() && size_bytes <= kMaxDatagramBytes);
  entries_.push_back(
      {path, static_cast<uint32_t>(used_bytes_), static_cast<uint32_t>(size_bytes), content});
  used_bytes_ += size_bytes;
}

void DatagramBatch::Append(const ice::Path& path, absl::Span<const uint8_t> datagram,
                           DatagramContent content) {
  SFU_CHECK(datagram.size() <= kMaxDatagramBytes);
  std::copy(datagram.begin(), datagram.end(), Tail().begin());
  Commit(path, datagram.size(), content);
}

void DatagramBatch::Clear() {
  entries_.clear();
  used_bytes_ = 0;
}

}  // namespace sfu::transport

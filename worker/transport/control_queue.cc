#include "worker/transport/control_queue.h"

#include "common/base/check.h"

namespace sfu::transport {

bool ControlQueue::Add(const ice::Path& path, absl::Span<const uint8_t> datagram) {
  return Append(Kind::kReady, path, datagram);
}

bool ControlQueue::AddRtcp(absl::Span<const uint8_t> compound) {
  return Append(Kind::kRtcp, ice::Path(), compound);
}

void ControlQueue::Pop() {
  SFU_CHECK(!empty());
  ++next_;
  if (!empty()) {
    return;
  }
  next_ = 0;
  entries_.clear();
  bytes_.clear();
  if (bytes_.capacity() > kRetainedBytes) {
    bytes_ = {};
    entries_ = {};
  }
}

bool ControlQueue::Append(Kind kind, const ice::Path& path, absl::Span<const uint8_t> bytes) {
  if (bytes_.size() + bytes.size() > kLimitBytes) {
    return false;
  }
  entries_.push_back(
      {kind, path, static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(bytes.size())});
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return true;
}

}  // namespace sfu::transport

#include "worker/ice_tcp/send_queue.h"

#include <algorithm>

#include "common/base/check.h"
#include "worker/ice_tcp/frame_reader.h"

namespace sfu::ice_tcp {

std::vector<uint8_t> SendQueue::FrameOf(absl::Span<const uint8_t> packet) {
  SFU_CHECK(packet.size() <= FrameReader::kMaxFrameBytes);
  std::vector<uint8_t> frame;
  frame.reserve(kLengthBytes + packet.size());
  frame.push_back(static_cast<uint8_t>(packet.size() >> 8));
  frame.push_back(static_cast<uint8_t>(packet.size()));
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

bool SendQueue::Push(absl::Span<const uint8_t> packet, Timestamp expires, size_t limit_bytes) {
  SFU_CHECK(limit_bytes <= kLimitBytes);
  const size_t size = kLengthBytes + packet.size();
  if (size_bytes_ + size > limit_bytes) {
    return false;
  }
  frames_.push_back({FrameOf(packet), expires});
  size_bytes_ += size;
  return true;
}

void SendQueue::PushRest(absl::Span<const uint8_t> packet, size_t unwritten) {
  SFU_CHECK(frames_.empty() && unwritten > 0 && unwritten <= kLengthBytes + packet.size());
  frames_.push_back({FrameOf(packet), Timestamp::Never()});
  written_of_first_ = frames_.front().bytes.size() - unwritten;
  size_bytes_ = unwritten;
}

size_t SendQueue::DropLate(Timestamp now) {
  const auto first = frames_.begin() + (written_of_first_ > 0 ? 1 : 0);
  const auto end = std::remove_if(first, frames_.end(), [&](const Frame& frame) {
    const bool late = frame.expires < now;
    size_bytes_ -= late ? frame.bytes.size() : 0;
    return late;
  });
  const size_t dropped = static_cast<size_t>(frames_.end() - end);
  frames_.erase(end, frames_.end());
  return dropped;
}

absl::Span<const uint8_t> SendQueue::BytesOf(size_t index) const {
  const absl::Span<const uint8_t> bytes(frames_[index].bytes);
  return index == 0 ? bytes.subspan(written_of_first_) : bytes;
}

void SendQueue::Consume(size_t written) {
  SFU_CHECK(written <= size_bytes_);
  size_bytes_ -= written;
  while (written > 0) {
    const size_t rest = BytesOf(0).size();
    if (written < rest) {
      written_of_first_ += written;
      return;
    }
    written -= rest;
    frames_.pop_front();
    written_of_first_ = 0;
  }
}

}  // namespace sfu::ice_tcp

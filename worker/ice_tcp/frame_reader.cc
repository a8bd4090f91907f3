#include "worker/ice_tcp/frame_reader.h"

#include <algorithm>

namespace sfu::ice_tcp {
namespace {

size_t LengthAt(absl::Span<const uint8_t> bytes) { return size_t{bytes[0]} << 8 | bytes[1]; }

}  // namespace

bool FrameReader::Read(absl::Span<const uint8_t> bytes, Handler handle) {
  while (!broken_ && !bytes.empty()) {
    // A packet that is whole in `bytes` is handed on where it lies; only the one that the last read
    // has cut in two goes through `unfinished_`.
    if (unfinished_.empty() && bytes.size() >= kLengthBytes) {
      const size_t length = LengthAt(bytes);
      if (length > kMaxFrameBytes) {
        broken_ = true;
        break;
      }
      if (bytes.size() >= kLengthBytes + length) {
        if (length != 0) {
          handle(bytes.subspan(kLengthBytes, length));
        }
        bytes.remove_prefix(kLengthBytes + length);
        continue;
      }
    }
    const size_t wanted = unfinished_.size() < kLengthBytes
                              ? kLengthBytes
                              : kLengthBytes + LengthAt(absl::MakeConstSpan(unfinished_));
    const size_t taken = std::min(wanted - unfinished_.size(), bytes.size());
    unfinished_.insert(unfinished_.end(), bytes.begin(),
                       bytes.begin() + static_cast<ptrdiff_t>(taken));
    bytes.remove_prefix(taken);
    if (unfinished_.size() < kLengthBytes) {
      break;
    }
    const size_t length = LengthAt(absl::MakeConstSpan(unfinished_));
    if (length > kMaxFrameBytes) {
      broken_ = true;
    } else if (unfinished_.size() == kLengthBytes + length) {
      if (length != 0) {
        handle(absl::MakeConstSpan(unfinished_).subspan(kLengthBytes));
      }
      unfinished_.clear();
    }
  }
  return !broken_;
}

}  // namespace sfu::ice_tcp

#pragma once

#include <cstdint>

namespace sfu::forward {

// What becomes of one packet of the current encoding.
struct FrameDecision {
  bool forward = false;
  bool marker = false;          // To be sent: layers above may have been cut off [TX-21].
  uint32_t decode_targets = 0;  // Mask for the dependency descriptor; 0: leave it alone.
};

}  // namespace sfu::forward

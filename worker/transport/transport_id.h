#pragma once

#include <cstdint>

#include "common/base/strong_id.h"

namespace sfu::transport {

// Names one transport within its media thread. Chosen by whoever owns the transports (the media
// rooms) so that it can find the transport again at once; never reused while a datagram for the old
// one may still be on its way through the thread, that is, within one pass of the loop.
using TransportId = StrongId<struct TransportIdTag, uint64_t>;

}  // namespace sfu::transport

#include "worker/receive/held_packets.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sfu::receive {

void HeldPackets::Hold(Timestamp now, rtp::Ssrc ssrc, rtp::PacketRef packet) {
  DropExpired(now);
  auto stream = std::find_if(streams_.begin(), streams_.end(),
                             [&](const Stream& candidate) { return candidate.ssrc == ssrc; });
  if (stream == streams_.end()) {
    if (streams_.size() >= kMaxStreams) {
      ++dropped_;
      return;
    }
    streams_.push_back({ssrc, {}});
    stream = std::prev(streams_.end());
  }
  if (stream->packets.size() >= kMaxPacketsPerStream) {
    ++dropped_;
    return;
  }
  stream->packets.push_back({std::move(packet), now});
}

std::vector<HeldPackets::Held> HeldPackets::TakeAll(Timestamp now) {
  DropExpired(now);
  std::vector<Held> taken;
  for (Stream& stream : streams_) {
    std::move(stream.packets.begin(), stream.packets.end(), std::back_inserter(taken));
  }
  streams_.clear();
  std::stable_sort(taken.begin(), taken.end(),
                   [](const Held& a, const Held& b) { return a.arrival < b.arrival; });
  return taken;
}

std::vector<HeldPackets::Held> HeldPackets::Take(Timestamp now, rtp::Ssrc ssrc) {
  DropExpired(now);
  std::vector<Held> taken;
  for (auto stream = streams_.begin(); stream != streams_.end(); ++stream) {
    if (stream->ssrc == ssrc) {
      taken = std::move(stream->packets);
      streams_.erase(stream);
      break;
    }
  }
  return taken;
}

void HeldPackets::DropExpired(Timestamp now) {
  for (Stream& stream : streams_) {
    const auto young =
        std::find_if(stream.packets.begin(), stream.packets.end(),
                     [&](const Held& held) { return now - held.arrival <= kMaxAge; });
    dropped_ += static_cast<uint64_t>(young - stream.packets.begin());
    stream.packets.erase(stream.packets.begin(), young);
  }
  streams_.erase(std::remove_if(streams_.begin(), streams_.end(),
                                [](const Stream& stream) { return stream.packets.empty(); }),
                 streams_.end());
}

}  // namespace sfu::receive

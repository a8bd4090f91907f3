#include "worker/media/thread_exchange.h"

#include <algorithm>

#include "common/base/check.h"

namespace sfu::media {

ThreadExchange::ThreadExchange(size_t threads) : seats_(threads) {
  for (size_t i = 0; i < threads * threads; ++i) {
    rings_.push_back(std::make_unique<Ring>(kRingDatagrams));
  }
}

bool ThreadExchange::Push(uint32_t from, uint32_t to, const ice::Path& path,
                          absl::Span<const uint8_t> datagram) {
  SFU_CHECK(from != to && datagram.size() <= rtp::PacketRef::kCapacity);
  return RingOf(from, to).Push([&](Datagram& slot) {
    slot.path = path;
    slot.size = datagram.size();
    std::copy(datagram.begin(), datagram.end(), slot.bytes.begin());
  });
}

void ThreadExchange::TellOwned(uint32_t receiver, const ice::Path& path, uint32_t owner) {
  if (const Seat& seat = seats_[receiver]; seat.mailbox != nullptr) {
    seat.mailbox->Post([participant = seat.participant, path, owner](Timestamp) {
      participant->HandleOwned(path, owner);
    });
  }
}

void ThreadExchange::TellDisowned(uint32_t receiver, const ice::Path& path, uint32_t owner) {
  if (const Seat& seat = seats_[receiver]; seat.mailbox != nullptr) {
    seat.mailbox->Post([participant = seat.participant, path, owner](Timestamp) {
      participant->HandleDisowned(path, owner);
    });
  }
}

}  // namespace sfu::media

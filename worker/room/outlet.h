#pragma once

#include <utility>
#include <vector>

#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/rtp/outgoing_packet.h"
#include "worker/transport/transport.h"

namespace sfu::mediaroom {

class Outlet;

// The outlets that have something to send in this pass, in the order in which they got it. One per
// media thread; reused.
using FlushList = std::vector<Outlet*>;

// The way out through one transport: whoever puts something in has it flushed at the end of the
// pass, once, so that one subscriber's packets leave as one run. Lives on its room's media thread.
class Outlet {
 public:
  // Both must outlive the outlet; it must outlive its place in `list`.
  Outlet(transport::Transport& transport, FlushList& list) : transport_(transport), list_(list) {}
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  bool Enqueue(rtp::OutgoingPacket&& packet) {
    const bool taken = transport_.Enqueue(std::move(packet));
    MarkPending();
    return taken;
  }

  bool SendRtcp(absl::Span<const uint8_t> compound) {
    const bool taken = transport_.SendRtcp(compound);
    MarkPending();
    return taken;
  }

  transport::DataSendResult SendData(Timestamp now, transport::DataChannelKind kind,
                                     absl::Span<const uint8_t> bytes) {
    const transport::DataSendResult result = transport_.SendData(now, kind, bytes);
    MarkPending();
    return result;
  }

  // To be called after every input to the transport that may have produced something to send.
  void MarkPending() {
    if (transport_.has_pending()) {
      List();
    }
  }

  // Something other than the transport's own input has changed what it has to do next: its deadline
  // has to be looked at again at the end of the pass.
  void Touch() {
    touched_ = true;
    List();
  }
  bool TakeTouched() { return std::exchange(touched_, false); }

  bool can_send_media() const { return transport_.can_send_media(); }

  transport::TransportId id() const { return transport_.id(); }

  // Returns whether everything has been taken; the outlet is then off the list.
  bool Flush(Timestamp now, transport::DatagramBatch& batch) {
    transport_.Flush(now, batch);
    listed_ = transport_.has_pending();
    return !listed_;
  }

 private:
  void List() {
    if (!listed_) {
      listed_ = true;
      list_.push_back(this);
    }
  }

  transport::Transport& transport_;
  FlushList& list_;
  bool listed_ = false;
  bool touched_ = false;
};

}  // namespace sfu::mediaroom

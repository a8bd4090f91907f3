#include "worker/receive/arrival_recorder.h"

#include <algorithm>
#include <vector>

namespace sfu::receive {
namespace {

bool SequenceBelow(const rtcp::TransportArrival& arrival, int64_t sequence) {
  return arrival.sequence < sequence;
}

}  // namespace

void ArrivalRecorder::HandlePacket(Timestamp arrival, uint16_t transport_sequence, bool marker) {
  const int64_t sequence = unwrapper_.Unwrap(transport_sequence);
  if (!started_) {
    started_ = true;
    next_sequence_ = sequence;
    floor_ = sequence - kMaxReorder;
    last_feedback_ = arrival;
  }
  if (sequence < floor_) {
    return;  // Going back there would declare lost what was reported and forgotten.
  }
  auto position = arrivals_.end();
  if (!arrivals_.empty() && sequence <= arrivals_.back().sequence) {
    position = std::lower_bound(arrivals_.begin(), arrivals_.end(), sequence, SequenceBelow);
    if (position->sequence == sequence) {
      return;
    }
  }
  if (sequence < next_sequence_) {
    // Late: the next message goes back to it, which repeats what was reported behind it.
    pending_ += static_cast<size_t>(
        std::lower_bound(position, arrivals_.end(), next_sequence_, SequenceBelow) - position);
    next_sequence_ = sequence;
  }
  arrivals_.insert(position, {sequence, arrival});
  if (pending_++ == 0) {
    first_pending_ = arrival;
  }
  first_pending_ = std::min(first_pending_, arrival);
  marker_pending_ = marker_pending_ || marker;
  while (arrivals_.size() > kMaxArrivals) {
    if (arrivals_.front().sequence >= next_sequence_) {
      next_sequence_ = arrivals_.front().sequence + 1;
      --pending_;
      ++forgotten_;
    }
    PopFront();
  }
}

void ArrivalRecorder::PopFront() {
  floor_ = arrivals_.front().sequence + 1;
  arrivals_.pop_front();
}

Timestamp ArrivalRecorder::NextTimeout() const {
  if (pending_ == 0) {
    return Timestamp::Never();
  }
  if (pending_ >= kMaxPending) {
    return first_pending_;
  }
  const absl::Duration interval = marker_pending_ ? kMarkerInterval : kInterval;
  return std::max(first_pending_, last_feedback_ + interval);
}

size_t ArrivalRecorder::WriteFeedback(Timestamp now, rtp::Ssrc sender, rtp::Ssrc media,
                                      ByteWriter& out) {
  if (pending_ == 0) {
    return 0;
  }
  const auto first =
      std::lower_bound(arrivals_.begin(), arrivals_.end(), next_sequence_, SequenceBelow);
  // The writer wants them side by side; this runs some twenty times a second.
  const std::vector<rtcp::TransportArrival> arrivals(first, arrivals_.end());
  const rtcp::TransportFeedbackHeader header = {sender, media, feedback_count_};
  const size_t before = out.size();
  size_t taken = rtcp::WriteTransportFeedback(out, header, next_sequence_, arrivals);
  if (taken == 0) {
    // Too far from the base, if it is not for want of room: nothing to say about the hole between.
    taken = rtcp::WriteTransportFeedback(out, header, arrivals.front().sequence, arrivals);
  }
  if (taken == 0) {
    return 0;
  }
  ++feedback_count_;
  next_sequence_ = arrivals[taken - 1].sequence + 1;
  pending_ -= taken;
  last_feedback_ = now;
  if (pending_ == 0) {
    marker_pending_ = false;
    first_pending_ = Timestamp::Never();
  }
  ForgetReported(now);
  return out.size() - before;
}

void ArrivalRecorder::ForgetReported(Timestamp now) {
  while (!arrivals_.empty() && arrivals_.front().sequence < next_sequence_ &&
         arrivals_.front().arrival + kBackWindow < now) {
    PopFront();
  }
}

}  // namespace sfu::receive

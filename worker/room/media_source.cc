#include "worker/room/media_source.h"

#include <algorithm>

#include "common/base/check.h"
#include "worker/room/subscription.h"

namespace sfu::mediaroom {
namespace {

receive::AudioLevel::Options ToOptions(const AudioLevelOptions& options) {
  return {options.active_level_dbov, options.min_percentile, options.update_interval,
          options.smooth_intervals};
}

}  // namespace

MediaSource::MediaSource(ParticipantHandle publisher, const ReceiverParameters& parameters,
                         const AudioLevelOptions& audio_levels, Outlet& outlet)
    : publisher_(publisher),
      parameters_(parameters),
      outlet_(outlet),
      audio_level_(ToOptions(audio_levels)) {
  SFU_CHECK(parameters.track && parameters.encodings.size() <= kMaxEncodings);
}

void MediaSource::Reconfigure(const ReceiverParameters& parameters) {
  SFU_CHECK(parameters.track == parameters_.track);
  parameters_ = parameters;
}

bool MediaSource::Feeds(const Subscription& subscription) const {
  return std::any_of(parameters_.formats.begin(), parameters_.formats.end(),
                     [&](const PayloadFormat& format) { return subscription.Takes(format.codec); });
}

receive::StreamReceiver& MediaSource::BindStream(uint8_t layer, rtp::Ssrc ssrc) {
  receive::StreamConfig config;
  config.ssrc = ssrc;
  config.kind = parameters_.kind;
  config.layer = layer;
  for (const PayloadFormat& format : parameters_.formats) {
    config.formats.push_back(
        {format.payload_type, format.codec, format.rtx_payload_type, format.nack});
  }
  streams_[layer] = std::make_unique<receive::StreamReceiver>(config);
  if (round_trip_) {
    streams_[layer]->SetRoundTripTime(*round_trip_);
  }
  return *streams_[layer];
}

receive::StreamReceiver* MediaSource::StreamOf(rtp::Ssrc ssrc) {
  for (const std::unique_ptr<receive::StreamReceiver>& stream : streams_) {
    if (stream != nullptr && stream->ssrc() == ssrc) {
      return stream.get();
    }
  }
  return nullptr;
}

void MediaSource::Deliver(Timestamp now, const rtp::MediaPacket& packet, RoomEvents& events) {
  if (!started_ && packet.payload_size > 0) {
    started_ = true;
    events.Add(TrackStarted{track(), parameters_.mid, packet.codec});
  }
  if (parameters_.counts_as_speaker && packet.payload_size > 0) {
    audio_level_.ObservePacket(now, packet);
  }
  for (Subscription* const subscription : subscriptions_) {
    if (subscription->WantsLayer(packet.layer)) {
      subscription->HandlePacket(now, packet, events);
    }
  }
}

void MediaSource::WantKeyframe(Timestamp now, uint8_t layer) {
  if (!muted_ && layer < kMaxEncodings && streams_[layer] != nullptr) {
    streams_[layer]->WantKeyframe(now);
    outlet_.Touch();
  }
}

void MediaSource::SetRoundTripTime(absl::Duration round_trip) {
  round_trip_ = round_trip;
  ForEachStream([&](receive::StreamReceiver& stream) { stream.SetRoundTripTime(round_trip); });
}

void MediaSource::SetMuted(bool muted) {
  muted_ = muted;
  if (muted) {
    ForEachStream([](receive::StreamReceiver& stream) { stream.CancelKeyframe(); });
  }
  for (Subscription* const subscription : subscriptions_) {
    subscription->SetSourceMuted(muted);
  }
}

void MediaSource::AddSubscription(Subscription& subscription) {
  subscription.SetSourceMuted(muted_);
  subscriptions_.push_back(&subscription);
}

void MediaSource::RemoveSubscription(Subscription& subscription) {
  std::erase(subscriptions_, &subscription);
}

void MediaSource::UpdateLayers(Timestamp now) {
  uint8_t live = 0;
  ForEachStream([&](receive::StreamReceiver& stream) {
    if (stream.activity().IsLive(now)) {
      live = static_cast<uint8_t>(live | 1 << stream.layer());
    }
  });
  for (Subscription* const subscription : subscriptions_) {
    subscription->SetLiveLayers(live);
  }
  ForEachStream([&](receive::StreamReceiver& stream) {
    stream.SetConsumed(std::any_of(subscriptions_.begin(), subscriptions_.end(),
                                   [&](const Subscription* subscription) {
                                     return subscription->WantsLayer(stream.layer());
                                   }));
  });
}

double MediaSource::Loudness(Timestamp now) const {
  return parameters_.counts_as_speaker && !muted_ ? audio_level_.Level(now) : 0;
}

StreamWindow MediaSource::TakeWindow() {
  int64_t expected = 0, lost = 0;
  uint64_t out_of_order = 0;
  StreamWindow window;
  window.codec = parameters_.formats.front().codec;
  window.muted = muted_ || !started_;
  window.round_trip = round_trip_.value_or(absl::ZeroDuration());
  ForEachStream([&](receive::StreamReceiver& stream) {
    expected += stream.statistics().expected();
    lost += stream.statistics().lost();
    out_of_order += stream.statistics().out_of_order();
    window.jitter = std::max(window.jitter, stream.statistics().jitter());
  });
  window.expected_packets =
      static_cast<uint32_t>(std::max<int64_t>(expected - reported_expected_, 0));
  window.lost_packets = static_cast<uint32_t>(
      std::clamp<int64_t>(lost - reported_lost_, 0, static_cast<int64_t>(window.expected_packets)));
  // Less than before: a stream of another SSRC has taken an encoding's place.
  window.out_of_order_packets =
      static_cast<uint32_t>(out_of_order - std::min(reported_out_of_order_, out_of_order));
  reported_out_of_order_ = out_of_order;
  reported_expected_ = expected;
  reported_lost_ = lost;
  return window;
}

const rtp::MediaPacket* MediaSource::Find(uint8_t layer, int64_t sequence) const {
  const receive::StreamReceiver* const stream =
      layer < kMaxEncodings ? streams_[layer].get() : nullptr;
  return stream == nullptr ? nullptr : stream->history().Find(sequence);
}

const rtp::SourceClock* MediaSource::Clock(uint8_t layer) const {
  const receive::StreamReceiver* const stream =
      layer < kMaxEncodings ? streams_[layer].get() : nullptr;
  return stream == nullptr || !stream->clock() ? nullptr : &*stream->clock();
}

}  // namespace sfu::mediaroom

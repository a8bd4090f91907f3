#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "worker/forward/dependency_selector.h"
#include "worker/forward/encoding_selector.h"
#include "worker/forward/temporal_selector.h"
#include "worker/forward/vp9_selector.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// Which packets of a video track a subscriber gets: first which encoding (EncodingSelector), then
// which of its frames, by whatever tells its layers apart [TX-30..37]. Forwards nothing before a
// key frame starts.
class LayerSelector {
 public:
  // Looks at a packet of any encoding, in order of arrival. Call first, for every packet.
  void Observe(const rtp::MediaPacket& packet) { encodings_.Observe(packet); }

  // Whether the packet begins what should be sent from here on: another encoding, another life of
  // the current one, or the first of all. If it can be, call SwitchTo().
  bool IsSwitch(const rtp::MediaPacket& packet) const { return encodings_.IsSwitch(packet); }
  void SwitchTo(const rtp::MediaPacket& packet);

  // For packets of the current source. Precondition: payload_size > 0.
  FrameDecision Decide(const rtp::MediaPacket& packet);

  // Whether the packet is of the source being sent.
  bool IsCurrent(const rtp::MediaPacket& packet) const { return encodings_.IsCurrent(packet); }

  // Nothing is sent until the next key frame.
  void Stop() { encodings_.Stop(); }

  // With a single encoding `max_spatial` means the layers inside it.
  void SetTarget(uint8_t max_spatial, uint8_t max_temporal, bool single_encoding);
  EncodingSelector& encodings() { return encodings_; }
  const EncodingSelector& encodings() const { return encodings_; }

  // The current encoding decodes no further without a key frame, or has more to give with one.
  bool NeedsKeyframe() const;
  // Of the frames being sent, inside the encoding.
  uint8_t current_spatial() const;

 private:
  void Choose(const rtp::MediaPacket& packet);
  bool IsSuited(const rtp::MediaPacket& packet) const;
  void ApplyTarget();

  EncodingSelector encodings_;
  std::variant<TemporalSelector, Vp9Selector, DependencySelector> frames_;
  uint8_t max_spatial_ = 2;  // Inside the encoding.
  uint8_t max_temporal_ = 3;
};

}  // namespace sfu::forward

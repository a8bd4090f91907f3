#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "worker/rtp/header_extensions.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::receive {

// Which stream of a publisher an SSRC is [RX-10..14]: one table per transport.
//
// Learnt, in this order, from what the description declares (a=ssrc, ssrc-group), from the MID and
// RID extensions (RFC 9143 §9.2), from MID alone where the section has one encoding, from a payload
// type only one section has. Clients stop sending the extensions once they saw a report, so what
// was learnt stays for as long as the section does, whatever is configured later. What is still on
// its way when a section goes has no MID for that reason, and is nobody else's: a payload type says
// nothing about an SSRC that was known.
//
// Not thread-safe: lives on its room's media thread.
class SsrcBinder {
 public:
  static constexpr size_t kMaxBound = 64;  // SSRCs per transport [media.md 1.8].
  static constexpr size_t kMaxGone = 64;   // SSRCs of former sections; the oldest are forgotten.

  struct Encoding {
    std::string rid;  // Empty for the only encoding of a section.
    std::optional<rtp::Ssrc> ssrc;
    std::optional<rtp::Ssrc> rtx_ssrc;
  };
  struct Section {
    std::string mid;
    std::vector<Encoding> encodings;  // Low to high.
    std::vector<rtp::PayloadType> payload_types;
    std::vector<rtp::PayloadType> rtx_payload_types;
  };

  struct Binding {
    size_t section = 0;  // Index into what was configured last.
    uint8_t encoding = 0;
    bool is_rtx = false;

    friend bool operator==(const Binding&, const Binding&) = default;
  };

  // The complete list. Bindings of sections whose mid is gone are dropped, as are those of
  // encodings that no longer exist; all others stay.
  void Configure(std::vector<Section> sections);

  // The fast path: nullopt for an SSRC that is not bound.
  std::optional<Binding> Find(rtp::Ssrc ssrc) const;

  // For an SSRC that Find() does not know: binds it if the packet tells enough. nullopt otherwise,
  // or when kMaxBound are bound (counted). A media SSRC takes the place of its encoding's former
  // one: the stream has restarted [RX-14], the caller makes a new StreamReceiver.
  std::optional<Binding> Learn(const rtp::RtpPacketView& packet,
                               const rtp::HeaderExtensions& extensions);
  std::optional<Binding> Learn(rtp::Ssrc ssrc, rtp::PayloadType payload_type, std::string_view mid,
                               std::string_view rid, std::string_view repaired_rid);

  // The SSRC now bound to an encoding, if any.
  std::optional<rtp::Ssrc> MediaSsrc(size_t section, uint8_t encoding) const;

  size_t size() const { return bound_.size(); }
  uint64_t refused() const { return refused_; }  // For kMaxBound.

 private:
  struct Gone {
    rtp::Ssrc ssrc;
    std::string mid;
  };

  void Remember(rtp::Ssrc ssrc, std::string_view mid);
  bool IsGone(rtp::Ssrc ssrc) const;
  std::optional<Binding> Resolve(rtp::PayloadType payload_type, std::string_view mid,
                                 std::string_view rid, std::string_view repaired_rid) const;
  std::optional<size_t> SectionByMid(std::string_view mid) const;
  std::optional<size_t> SectionByPayloadType(rtp::PayloadType payload_type) const;
  std::optional<Binding> Bind(rtp::Ssrc ssrc, const Binding& binding);

  std::vector<Section> sections_;
  absl::flat_hash_map<rtp::Ssrc, Binding> bound_;
  std::vector<Gone> gone_;  // Oldest first, until their section comes back.
  uint64_t refused_ = 0;
};

}  // namespace sfu::receive

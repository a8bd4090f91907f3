#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sfu::rtp {

// The header extensions we know (media.md §2.2). The comment gives the size of the value.
enum class ExtensionType : uint8_t {
  kMid,                      // Text.
  kRtpStreamId,              // Text.
  kRepairedRtpStreamId,      // Text.
  kAudioLevel,               // 1.
  kTransportSequenceNumber,  // 2.
  kAbsoluteSendTime,         // 3.
  kAbsoluteCaptureTime,      // 8 or 16.
  kDependencyDescriptor,     // 3 or more.
  kPlayoutDelay,             // 3.
  kVideoOrientation,         // 1.
  kVideoContentType,         // 1.
  kColorSpace,               // 4 or 28.
  kVideoLayersAllocation,    // 1 or more.
  kFrameMarking,             // 1 to 3.
};
inline constexpr size_t kExtensionTypeCount = 14;

std::string_view ExtensionUri(ExtensionType type);
std::optional<ExtensionType> ExtensionTypeFromUri(std::string_view uri);

// Which id stands for which extension on one media section. A plain value, no allocation.
class ExtensionMap {
 public:
  // Ids are 1..255, each for one type and each type with one id; a later Set() wins over what it
  // collides with. An `id` of 0 removes the type.
  void Set(ExtensionType type, uint8_t id);

  std::optional<uint8_t> IdOf(ExtensionType type) const {
    const uint8_t id = ids_[static_cast<size_t>(type)];
    return id == 0 ? std::nullopt : std::optional<uint8_t>(id);
  }
  std::optional<ExtensionType> TypeOf(uint8_t id) const {
    const uint8_t type = types_[id];
    return type == 0 ? std::nullopt : std::optional(static_cast<ExtensionType>(type - 1));
  }
  bool Contains(ExtensionType type) const { return ids_[static_cast<size_t>(type)] != 0; }

  friend bool operator==(const ExtensionMap&, const ExtensionMap&) = default;

 private:
  std::array<uint8_t, kExtensionTypeCount> ids_ = {};  // 0: not negotiated.
  std::array<uint8_t, 256> types_ = {};                // Type + 1; 0: unknown id.
};

}  // namespace sfu::rtp

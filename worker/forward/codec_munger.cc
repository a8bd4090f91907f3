#include "worker/forward/codec_munger.h"

#include <algorithm>

#include "worker/rtp/dependency_descriptor_writer.h"

namespace sfu::forward {
namespace {

constexpr uint8_t kKeyIndexMask = 0x1f;
constexpr int64_t kPictureIdModulus = rtp::Vp8Descriptor::kMaxLongPictureId + 1;

}  // namespace

void CodecMunger::SwitchTo(const rtp::MediaPacket& packet) {
  if (const rtp::Vp8Descriptor* const vp8 = packet.description.vp8()) {
    SwitchVp8(*vp8);
  }
  if (packet.description.dependency) {
    const uint16_t frame = packet.description.dependency->frame_number;
    frame_offset_ = static_cast<uint16_t>(frame - (last_frame_ + 1));
    last_frame_ = static_cast<uint16_t>(last_frame_ + 1);
  }
}

void CodecMunger::SwitchVp8(const rtp::Vp8Descriptor& descriptor) {
  if (descriptor.picture_id) {
    last_picture_in_.reset();
    pictures_.SwitchTo(UnwrapPictureId(descriptor));
  }
  if (descriptor.tl0_picture_index) {
    ++last_tl0_;
    tl0_offset_ = static_cast<uint8_t>(*descriptor.tl0_picture_index - last_tl0_);
  }
  if (descriptor.key_index) {
    last_key_index_ = (last_key_index_ + 1) & kKeyIndexMask;
    key_index_offset_ = static_cast<uint8_t>(*descriptor.key_index - last_key_index_);
  }
}

std::optional<CodecNumbers> CodecMunger::Map(const rtp::MediaPacket& packet) {
  std::optional<CodecNumbers> numbers = CodecNumbers();
  if (const rtp::Vp8Descriptor* const vp8 = packet.description.vp8()) {
    numbers = MapVp8(*vp8);
  }
  if (numbers && packet.description.dependency) {
    const auto frame =
        static_cast<uint16_t>(packet.description.dependency->frame_number - frame_offset_);
    numbers->frame_number = frame;
    if (static_cast<int16_t>(static_cast<uint16_t>(frame - last_frame_)) > 0) {
      last_frame_ = frame;
    }
  }
  return numbers;
}

std::optional<CodecNumbers> CodecMunger::MapVp8(const rtp::Vp8Descriptor& descriptor) {
  CodecNumbers numbers;
  bool is_newest = true;
  if (descriptor.picture_id) {
    const int64_t former = pictures_.last();
    const std::optional<int64_t> picture = pictures_.Map(UnwrapPictureId(descriptor));
    if (!picture) {
      return std::nullopt;
    }
    is_newest = *picture >= former;
    numbers.picture_id = static_cast<uint16_t>(*picture % kPictureIdModulus);
  }
  if (descriptor.tl0_picture_index) {
    numbers.tl0_picture_index = static_cast<uint8_t>(*descriptor.tl0_picture_index - tl0_offset_);
    last_tl0_ = is_newest ? numbers.tl0_picture_index : last_tl0_;
  }
  if (descriptor.key_index) {
    numbers.key_index =
        static_cast<uint8_t>(*descriptor.key_index - key_index_offset_) & kKeyIndexMask;
    last_key_index_ = is_newest ? numbers.key_index : last_key_index_;
  }
  return numbers;
}

void CodecMunger::LeaveOut(const rtp::MediaPacket& packet) {
  const rtp::Vp8Descriptor* const vp8 = packet.description.vp8();
  if (vp8 != nullptr && vp8->picture_id && last_picture_in_) {
    pictures_.LeaveOut(UnwrapPictureId(*vp8));
  }
}

int64_t CodecMunger::UnwrapPictureId(const rtp::Vp8Descriptor& descriptor) {
  const int64_t modulus =
      descriptor.long_picture_id ? kPictureIdModulus : rtp::Vp8Descriptor::kMaxShortPictureId + 1;
  const int64_t id = *descriptor.picture_id;
  if (!last_picture_in_) {
    last_picture_in_ = id;
    return id;
  }
  // The nearest to the newest one that ends in these bits.
  const int64_t newest = *last_picture_in_;
  int64_t distance = ((id - newest) % modulus + modulus) % modulus;
  if (distance >= modulus / 2) {
    distance -= modulus;
  }
  last_picture_in_ = std::max(newest, newest + distance);
  return newest + distance;
}

size_t CodecMunger::WritePrefix(const rtp::MediaPacket& packet, const CodecNumbers& numbers,
                                absl::Span<uint8_t> prefix, size_t& replaced) {
  replaced = 0;
  const rtp::Vp8Descriptor* const original = packet.description.vp8();
  if (original == nullptr) {
    return 0;
  }
  rtp::Vp8Descriptor vp8 = *original;
  if (vp8.picture_id) {
    vp8.picture_id = numbers.picture_id;
    vp8.long_picture_id =
        original->long_picture_id || numbers.picture_id > rtp::Vp8Descriptor::kMaxShortPictureId;
  }
  if (vp8.tl0_picture_index) {
    vp8.tl0_picture_index = numbers.tl0_picture_index;
  }
  if (vp8.key_index) {
    vp8.key_index = numbers.key_index;
  }
  if (vp8.picture_id == original->picture_id &&
      vp8.tl0_picture_index == original->tl0_picture_index &&
      vp8.key_index == original->key_index) {
    return 0;
  }
  replaced = original->size;
  return vp8.Write(prefix);
}

size_t CodecMunger::WriteDependencyDescriptor(const rtp::MediaPacket& packet,
                                              const CodecNumbers& numbers,
                                              absl::Span<uint8_t> out) {
  const std::optional<rtp::DependencyDescriptor>& descriptor = packet.description.dependency;
  if (!descriptor) {
    return 0;
  }
  rtp::DependencyDescriptorRewrite rewrite;
  rewrite.frame_number = numbers.frame_number;
  rewrite.decode_target_count = descriptor->decode_target_count;
  if (numbers.decode_targets != 0 && !descriptor->has_structure) {
    rewrite.active_decode_targets = numbers.decode_targets;
  }
  return rtp::RewriteDependencyDescriptor(packet.extension(packet.extensions.dependency_descriptor),
                                          rewrite, out);
}

}  // namespace sfu::forward

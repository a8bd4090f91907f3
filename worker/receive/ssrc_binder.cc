#include "worker/receive/ssrc_binder.h"

#include <algorithm>
#include <utility>

namespace sfu::receive {
namespace {

std::string_view Text(absl::Span<const uint8_t> value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

bool Contains(const std::vector<rtp::PayloadType>& types, rtp::PayloadType type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::optional<uint8_t> EncodingByRid(const SsrcBinder::Section& section, std::string_view rid) {
  for (size_t i = 0; i < section.encodings.size(); ++i) {
    if (section.encodings[i].rid == rid) {
      return static_cast<uint8_t>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

void SsrcBinder::Configure(std::vector<Section> sections) {
  absl::flat_hash_map<rtp::Ssrc, Binding> kept;
  for (const auto& [ssrc, binding] : bound_) {
    const Section& former = sections_[binding.section];
    bool is_gone = true;
    for (size_t i = 0; i < sections.size(); ++i) {
      if (sections[i].mid != former.mid) {
        continue;
      }
      is_gone = false;
      const std::string& rid = former.encodings[binding.encoding].rid;
      if (const std::optional<uint8_t> encoding = EncodingByRid(sections[i], rid)) {
        kept.emplace(ssrc, Binding{i, *encoding, binding.is_rtx});
      }
    }
    if (is_gone) {
      Remember(ssrc, former.mid);
    }
  }
  bound_ = std::move(kept);
  sections_ = std::move(sections);
  std::erase_if(gone_, [this](const Gone& gone) { return SectionByMid(gone.mid).has_value(); });
  for (size_t i = 0; i < sections_.size(); ++i) {
    for (size_t j = 0; j < sections_[i].encodings.size(); ++j) {
      const Encoding& encoding = sections_[i].encodings[j];
      // What is declared now wins over what was learnt or declared before.
      if (encoding.ssrc) {
        bound_.erase(*encoding.ssrc);
        Bind(*encoding.ssrc, {i, static_cast<uint8_t>(j), false});
      }
      if (encoding.rtx_ssrc) {
        bound_.erase(*encoding.rtx_ssrc);
        Bind(*encoding.rtx_ssrc, {i, static_cast<uint8_t>(j), true});
      }
    }
  }
}

std::optional<SsrcBinder::Binding> SsrcBinder::Find(rtp::Ssrc ssrc) const {
  const auto found = bound_.find(ssrc);
  return found == bound_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<SsrcBinder::Binding> SsrcBinder::Learn(const rtp::RtpPacketView& packet,
                                                     const rtp::HeaderExtensions& extensions) {
  return Learn(packet.ssrc(), packet.payload_type(),
               Text(extensions.Value(rtp::ExtensionType::kMid)),
               Text(extensions.Value(rtp::ExtensionType::kRtpStreamId)),
               Text(extensions.Value(rtp::ExtensionType::kRepairedRtpStreamId)));
}

std::optional<SsrcBinder::Binding> SsrcBinder::Learn(rtp::Ssrc ssrc, rtp::PayloadType payload_type,
                                                     std::string_view mid, std::string_view rid,
                                                     std::string_view repaired_rid) {
  if (mid.empty() && IsGone(ssrc)) {
    return std::nullopt;
  }
  const std::optional<Binding> binding = Resolve(payload_type, mid, rid, repaired_rid);
  return binding ? Bind(ssrc, *binding) : std::nullopt;
}

void SsrcBinder::Remember(rtp::Ssrc ssrc, std::string_view mid) {
  if (gone_.size() >= kMaxGone) {
    gone_.erase(gone_.begin());
  }
  gone_.push_back({ssrc, std::string(mid)});
}

bool SsrcBinder::IsGone(rtp::Ssrc ssrc) const {
  return std::any_of(gone_.begin(), gone_.end(),
                     [ssrc](const Gone& gone) { return gone.ssrc == ssrc; });
}

std::optional<SsrcBinder::Binding> SsrcBinder::Resolve(rtp::PayloadType payload_type,
                                                       std::string_view mid, std::string_view rid,
                                                       std::string_view repaired_rid) const {
  const std::optional<size_t> index =
      mid.empty() ? SectionByPayloadType(payload_type) : SectionByMid(mid);
  if (!index) {
    return std::nullopt;
  }
  const Section& section = sections_[*index];
  const bool is_rtx = !repaired_rid.empty() || Contains(section.rtx_payload_types, payload_type);
  const std::string_view stream_id = is_rtx && !repaired_rid.empty() ? repaired_rid : rid;
  if (section.encodings.size() == 1) {
    return Binding{*index, 0, is_rtx};  // Whatever it calls itself.
  }
  const std::optional<uint8_t> encoding = EncodingByRid(section, stream_id);
  if (stream_id.empty() || !encoding) {
    return std::nullopt;
  }
  return Binding{*index, *encoding, is_rtx};
}

std::optional<size_t> SsrcBinder::SectionByMid(std::string_view mid) const {
  for (size_t i = 0; i < sections_.size(); ++i) {
    if (sections_[i].mid == mid) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<size_t> SsrcBinder::SectionByPayloadType(rtp::PayloadType payload_type) const {
  std::optional<size_t> found;
  for (size_t i = 0; i < sections_.size(); ++i) {
    if (!Contains(sections_[i].payload_types, payload_type) &&
        !Contains(sections_[i].rtx_payload_types, payload_type)) {
      continue;
    }
    if (found) {
      return std::nullopt;  // Ambiguous.
    }
    found = i;
  }
  return found;
}

std::optional<SsrcBinder::Binding> SsrcBinder::Bind(rtp::Ssrc ssrc, const Binding& binding) {
  if (const auto found = bound_.find(ssrc); found != bound_.end()) {
    return found->second == binding ? std::optional(binding) : std::nullopt;
  }
  absl::erase_if(bound_, [&](const auto& entry) { return entry.second == binding; });
  if (bound_.size() >= kMaxBound) {
    ++refused_;
    return std::nullopt;
  }
  bound_.emplace(ssrc, binding);
  return binding;
}

std::optional<rtp::Ssrc> SsrcBinder::MediaSsrc(size_t section, uint8_t encoding) const {
  const Binding wanted = {section, encoding, false};
  for (const auto& [ssrc, binding] : bound_) {
    if (binding == wanted) {
      return ssrc;
    }
  }
  return std::nullopt;
}

}  // namespace sfu::receive

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "worker/ice_tcp/frame_reader.h"

namespace {

using Packets = std::vector<std::string>;

bool Read(sfu::ice_tcp::FrameReader& reader, absl::Span<const uint8_t> bytes, Packets& packets) {
  return reader.Read(bytes, [&](absl::Span<const uint8_t> packet) {
    SFU_CHECK(!packet.empty() && packet.size() <= sfu::ice_tcp::FrameReader::kMaxFrameBytes);
    packets.emplace_back(packet.begin(), packet.end());
  });
}

}  // namespace

// Wherever a stream is cut, the same packets come out of it. The first byte says how long pieces
// are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const size_t piece = size_t{data[0]} + 1;
  const absl::Span<const uint8_t> stream(data + 1, size - 1);
  Packets whole;
  sfu::ice_tcp::FrameReader at_once;
  const bool whole_is_good = Read(at_once, stream, whole);

  Packets pieces;
  sfu::ice_tcp::FrameReader reader;
  bool pieces_are_good = true;
  for (size_t offset = 0; offset < stream.size() && pieces_are_good; offset += piece) {
    pieces_are_good = Read(reader, stream.subspan(offset, piece), pieces);
  }
  SFU_CHECK(whole_is_good == pieces_are_good && whole == pieces);
  return 0;
}

#include <string_view>

#include "common/base/check.h"
#include "common/sdp/sdp_parser.h"
#include "common/sdp/sdp_writer.h"

// Whatever the parser accepts, the writer must reproduce.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<sfu::sdp::SessionDescription> first = sfu::sdp::Parse(text);
  if (first.ok()) {
    const absl::StatusOr<sfu::sdp::SessionDescription> second =
        sfu::sdp::Parse(sfu::sdp::Write(*first));
    // The long form may exceed the bound on the size of the text.
    SFU_CHECK(!second.ok() || *second == *first);
  }
  return 0;
}

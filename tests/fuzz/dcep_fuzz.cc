#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/check.h"
#include "worker/sctp/dcep.h"

// What parses can be written, and reads the same again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::sctp;
  const std::optional<DcepMessage> message = ParseDcep(absl::MakeConstSpan(data, size));
  if (!message) {
    return 0;
  }
  if (const auto* const parameters = std::get_if<ChannelParameters>(&*message)) {
    const std::optional<DcepMessage> again = ParseDcep(BuildDcepOpen(*parameters));
    SFU_CHECK(again && std::get<ChannelParameters>(*again) == *parameters);
  }
  return 0;
}

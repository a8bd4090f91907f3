#pragma once

#include <cstddef>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/sdp/session_description.h"

namespace sfu::sdp {

// Far above anything a client sends (a single connection with 100 sections is about 400 KB), low
// enough that one message cannot cost much.
inline constexpr size_t kMaxTextBytes = 1 << 20;
inline constexpr size_t kMaxSections = 256;
inline constexpr size_t kMaxItemsPerSection = 512;  // Of each repeated attribute.

// Text to data. Line ends may be CRLF or LF; unknown lines and attributes are skipped, and so are
// known attributes whose text makes no sense (an extmap without a URI, an fmtp for a payload type
// that is not in the m= line): clients put strange things there and none of it is worth a failed
// call. Structure must be right: version first, `x=` on every line, well-formed m= lines, mids
// unique, all bounds kept. The error is InvalidArgument and names the line by number and reason
// only, never by content, which may hold addresses.
absl::StatusOr<SessionDescription> Parse(std::string_view text);

}  // namespace sfu::sdp

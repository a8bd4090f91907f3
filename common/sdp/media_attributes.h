#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/sdp/session_description.h"

// What describes the media of a section. Internal to this module.
namespace sfu::sdp {

// The attributes of one audio or video section that say what flows there: formats (rtpmap, fmtp,
// rtcp-fb), header extensions, sources and their groups, restrictions and simulcast. Unknown ones
// are skipped, and so are those whose text makes no sense: clients put strange things there, and
// none of it is worth a failed call. The bounds on how many there may be are the caller's, who also
// has read the payload types of the m= line into the section.
class MediaAttributes {
 public:
  // One attribute, its value trimmed, into `section`: the same one at every call.
  void Read(std::string_view name, std::string_view value, MediaSection& section);
  // At the section's end: what was said of all its payload types.
  void Finish(MediaSection& section) const;

 private:
  void ReadFeedback(std::string_view value, MediaSection& section);

  std::vector<std::string> wildcard_feedback_;
};

// "<stream> <track>" (RFC 8830).
Msid ParseMsid(std::string_view value);

}  // namespace sfu::sdp

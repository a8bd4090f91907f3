#include "common/sdp/sdp_writer.h"

#include <string_view>
#include <utility>

#include "common/sdp/attribute_words.h"

namespace sfu::sdp {
namespace {

std::string_view MediaWord(const MediaSection& section) {
  switch (section.kind) {
    case MediaKind::kAudio:
      return "audio";
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kApplication:
      return "application";
    case MediaKind::kOther:
      break;
  }
  return section.media;
}

// Appends piece by piece: a description of many sections is written often, and this way no line
// costs a string of its own.
class Writer {
 public:
  std::string Take() { return std::move(text_); }

  template <typename... Pieces>
  Writer& Add(const Pieces&... pieces) {
    (Append(pieces), ...);
    return *this;
  }

  template <typename Range>
  Writer& Join(const Range& items, std::string_view separator) {
    std::string_view between;
    for (const auto& item : items) {
      Add(between, item);
      between = separator;
    }
    return *this;
  }

  void EndLine() { text_ += "\r\n"; }

  template <typename... Pieces>
  void Line(const Pieces&... pieces) {
    Add(pieces...).EndLine();
  }

 private:
  void Append(std::string_view piece) { text_ += piece; }
  void Append(uint64_t number) { text_ += std::to_string(number); }
  void Append(const PayloadType& payload_type) { Append(uint64_t{payload_type.number}); }
  void Append(const SimulcastStream& stream) {
    Add(std::string_view(stream.paused ? "~" : ""), stream.rid);
  }

  std::string text_;
};

void WriteTransport(const TransportAttributes& transport, Writer& out) {
  if (!transport.ice_ufrag.empty()) {
    out.Line("a=ice-ufrag:", transport.ice_ufrag);
  }
  if (!transport.ice_pwd.empty()) {
    out.Line("a=ice-pwd:", transport.ice_pwd);
  }
  if (!transport.ice_options.empty()) {
    out.Add("a=ice-options:").Join(transport.ice_options, " ").EndLine();
  }
  for (const Fingerprint& fingerprint : transport.fingerprints) {
    out.Line("a=fingerprint:", fingerprint.algorithm, " ", fingerprint.value);
  }
  if (transport.setup) {
    out.Line("a=setup:", WordOf(*transport.setup));
  }
}

void WriteMediaLine(const MediaSection& section, Writer& out) {
  out.Add("m=", MediaWord(section), " ", section.port, " ", section.protocol, " ");
  if (!section.is_media()) {
    out.Join(section.formats, " ");
  } else if (!section.payload_types.empty()) {
    out.Join(section.payload_types, " ");
  } else {
    out.Add("0");  // A line needs a format, also when it is rejected.
  }
  out.EndLine();
}

void WritePayloadType(const PayloadType& payload_type, Writer& out) {
  const uint64_t number = payload_type.number;
  if (!payload_type.name.empty()) {
    if (payload_type.channels == 1) {
      out.Line("a=rtpmap:", number, " ", payload_type.name, "/", payload_type.clock_rate);
    } else {
      out.Line("a=rtpmap:", number, " ", payload_type.name, "/", payload_type.clock_rate, "/",
               payload_type.channels);
    }
  }
  if (!payload_type.parameters.empty()) {
    out.Line("a=fmtp:", number, " ", payload_type.parameters.ToText());
  }
  for (const std::string& feedback : payload_type.feedback) {
    out.Line("a=rtcp-fb:", number, " ", feedback);
  }
}

void WriteSource(const SsrcSource& source, Writer& out) {
  out.Line("a=ssrc:", source.ssrc, " cname:", source.cname);
  if (source.msid) {
    out.Line("a=ssrc:", source.ssrc, " msid:", source.msid->stream, " ", source.msid->track);
  }
}

void WriteSimulcast(const Simulcast& simulcast, Writer& out) {
  out.Add("a=simulcast:");
  if (!simulcast.send.empty()) {
    out.Add("send ").Join(simulcast.send, ";");
  }
  if (!simulcast.recv.empty()) {
    out.Add(simulcast.send.empty() ? "recv " : " recv ").Join(simulcast.recv, ";");
  }
  out.EndLine();
}

void WriteMediaAttributes(const MediaSection& section, Writer& out) {
  for (const Msid& msid : section.msids) {
    if (msid.track.empty()) {
      out.Line("a=msid:", msid.stream);
    } else {
      out.Line("a=msid:", msid.stream, " ", msid.track);
    }
  }
  for (const PayloadType& payload_type : section.payload_types) {
    WritePayloadType(payload_type, out);
  }
  for (const HeaderExtension& extension : section.extensions) {
    if (extension.direction) {
      out.Line("a=extmap:", extension.id, "/", WordOf(*extension.direction), " ", extension.uri);
    } else {
      out.Line("a=extmap:", extension.id, " ", extension.uri);
    }
  }
  for (const Rid& rid : section.rids) {
    const std::string_view space = rid.restrictions.empty() ? "" : " ";
    out.Line("a=rid:", rid.id, rid.send ? " send" : " recv", space, rid.restrictions);
  }
  if (section.simulcast) {
    WriteSimulcast(*section.simulcast, out);
  }
  for (const SsrcGroup& group : section.ssrc_groups) {
    out.Add("a=ssrc-group:", group.semantics, " ").Join(group.ssrcs, " ").EndLine();
  }
  for (const SsrcSource& source : section.ssrcs) {
    WriteSource(source, out);
  }
}

void WriteSection(const MediaSection& section, Writer& out) {
  WriteMediaLine(section, out);
  out.Line("c=IN IP4 0.0.0.0");
  if (!section.mid.empty()) {
    out.Line("a=mid:", section.mid);
  }
  if (section.bundle_only) {
    out.Line("a=bundle-only");
  }
  out.Line("a=", WordOf(section.direction));
  WriteTransport(section.transport, out);
  for (const std::string& candidate : section.candidates) {
    out.Line("a=", candidate);
  }
  if (section.end_of_candidates) {
    out.Line("a=end-of-candidates");
  }
  if (section.rtcp_mux) {
    out.Line("a=rtcp-mux");
  }
  if (section.rtcp_rsize) {
    out.Line("a=rtcp-rsize");
  }
  if (section.extmap_allow_mixed) {
    out.Line("a=extmap-allow-mixed");
  }
  if (section.is_media()) {
    WriteMediaAttributes(section, out);
  }
  if (section.sctp_port) {
    out.Line("a=sctp-port:", uint64_t{*section.sctp_port});
  }
  if (section.max_message_size) {
    out.Line("a=max-message-size:", *section.max_message_size);
  }
}

}  // namespace

std::string Write(const SessionDescription& description) {
  Writer out;
  out.Line("v=0");
  out.Line("o=", description.origin_username, " ", description.session_id, " ",
           description.session_version, " IN IP4 127.0.0.1");
  out.Line("s=-");
  out.Line("t=0 0");
  for (const std::vector<std::string>& mids : description.bundle_groups) {
    out.Add("a=group:BUNDLE", mids.empty() ? "" : " ").Join(mids, " ").EndLine();
  }
  if (description.ice_lite) {
    out.Line("a=ice-lite");
  }
  if (description.extmap_allow_mixed) {
    out.Line("a=extmap-allow-mixed");
  }
  if (description.msid_semantic) {
    out.Line("a=msid-semantic:", *description.msid_semantic);
  }
  WriteTransport(description.transport, out);
  for (const MediaSection& section : description.sections) {
    WriteSection(section, out);
  }
  return out.Take();
}

}  // namespace sfu::sdp

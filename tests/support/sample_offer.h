#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sfu {

// SDP offers in the shape browsers make them, section by section, for tests of whatever reads
// them. Payload types, header extension ids and attribute order are Chrome's, except for
// FirefoxPublisherOffer().
class SampleOffer {
 public:
  enum class Video { kSingle, kSimulcast, kSimGroup };

  SampleOffer& Ice(std::string_view ufrag, std::string_view password) {
    ufrag_ = ufrag;
    password_ = password;
    return *this;
  }
  SampleOffer& Setup(std::string_view setup) {
    setup_ = setup;
    return *this;
  }

  // `cid`: the track id of a=msid; none when empty.
  SampleOffer& AddAudio(std::string_view mid, std::string_view direction,
                        std::string_view cid = "");
  SampleOffer& AddVideo(std::string_view mid, std::string_view direction, std::string_view cid = "",
                        Video style = Video::kSimulcast);
  SampleOffer& AddVp8Only(std::string_view mid, std::string_view direction);
  SampleOffer& AddData(std::string_view mid);
  SampleOffer& AddRejected(std::string_view kind, std::string_view mid);

  std::string Text() const;

 private:
  struct Section {
    std::string mid;
    std::string media_line;  // After the port.
    std::string kind;
    std::string body;
    bool rejected = false;
  };

  static std::string Msid(std::string_view cid) {
    return cid.empty() ? "" : "a=msid:stream-1 " + std::string(cid) + "\r\n";
  }
  SampleOffer& Add(std::string_view kind, std::string_view mid, std::string media_line,
                   std::string body) {
    sections_.push_back(
        {std::string(mid), std::move(media_line), std::string(kind), std::move(body), false});
    return *this;
  }

  std::string ufrag_ = "EsAw";
  std::string password_ = "P2uYro0UCOQ4zxjKXaWCBui1";
  std::string setup_ = "actpass";
  std::vector<Section> sections_;
};

inline SampleOffer& SampleOffer::AddAudio(std::string_view mid, std::string_view direction,
                                          std::string_view cid) {
  return Add("audio", mid, "UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
             "a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
             "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
             "a=extmap:3 http://www.ietf.org/id/"
             "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
             "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
             "a=" +
                 std::string(direction) + "\r\n" + Msid(cid) +
                 "a=rtcp-mux\r\na=rtcp-rsize\r\n"
                 "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=rtcp-fb:111 nack\r\n"
                 "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n"
                 "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
                 "a=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
                 "a=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n"
                 "a=rtpmap:126 telephone-event/8000\r\n");
}

inline SampleOffer& SampleOffer::AddVideo(std::string_view mid, std::string_view direction,
                                          std::string_view cid, Video style) {
  std::string body =
      "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n"
      "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
      "a=extmap:13 urn:3gpp:video-orientation\r\n"
      "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
      "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
      "a=extmap:6 http://www.webrtc.org/experiments/rtp-hdrext/video-content-type\r\n"
      "a=extmap:7 http://www.webrtc.org/experiments/rtp-hdrext/video-timing\r\n"
      "a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/color-space\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
      "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
      "a=extmap:12 https://aomediacodec.github.io/av1-rtp-spec/"
      "#dependency-descriptor-rtp-header-extension\r\n"
      "a=" +
      std::string(direction) + "\r\n" + Msid(cid) + "a=rtcp-mux\r\na=rtcp-rsize\r\n";
  const auto codec = [&](const char* number, const char* rtx, const char* name, const char* fmtp) {
    const std::string pt = number;
    body += "a=rtpmap:" + pt + " " + name + "/90000\r\n";
    for (const char* feedback : {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}) {
      body += "a=rtcp-fb:" + pt + " " + feedback + "\r\n";
    }
    if (*fmtp != '\0') {
      body += "a=fmtp:" + pt + " " + fmtp + "\r\n";
    }
    body += std::string("a=rtpmap:") + rtx + " rtx/90000\r\na=fmtp:" + rtx + " apt=" + pt + "\r\n";
  };
  codec("96", "97", "VP8", "");
  codec("103", "104", "H264",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f");
  codec("109", "114", "H264",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
  codec("115", "116", "H264",
        "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f");
  codec("45", "46", "AV1", "level-idx=5;profile=0;tier=0");
  codec("98", "99", "VP9", "profile-id=0");
  codec("100", "101", "VP9", "profile-id=2");
  codec("119", "120", "H264",
        "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f");
  body +=
      "a=rtpmap:121 red/90000\r\na=rtpmap:122 rtx/90000\r\na=fmtp:122 apt=121\r\n"
      "a=rtpmap:123 ulpfec/90000\r\n";
  if (direction == "sendonly" || direction == "sendrecv") {
    const std::string msid = "msid:stream-1 " + std::string(cid);
    const auto source = [&](const std::string& ssrc) {
      body += "a=ssrc:" + ssrc + " cname:5Zr2oWKD\r\na=ssrc:" + ssrc + " " + msid + "\r\n";
    };
    switch (style) {
      case Video::kSimulcast:
        body += "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n";
        break;
      case Video::kSimGroup:
        body +=
            "a=ssrc-group:SIM 1001 1002 1003\r\na=ssrc-group:FID 1001 2001\r\n"
            "a=ssrc-group:FID 1002 2002\r\na=ssrc-group:FID 1003 2003\r\n";
        for (const char* ssrc : {"1001", "1002", "1003", "2001", "2002", "2003"}) {
          source(ssrc);
        }
        break;
      case Video::kSingle:
        body += "a=ssrc-group:FID 1001 2001\r\n";
        source("1001");
        source("2001");
        break;
    }
  }
  return Add("video", mid,
             "UDP/TLS/RTP/SAVPF 96 97 103 104 109 114 115 116 45 46 98 99 100 101 119 120 121 122 "
             "123",
             std::move(body));
}

inline SampleOffer& SampleOffer::AddVp8Only(std::string_view mid, std::string_view direction) {
  return Add("video", mid, "UDP/TLS/RTP/SAVPF 96",
             "a=" + std::string(direction) +
                 "\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n");
}

inline SampleOffer& SampleOffer::AddData(std::string_view mid) {
  return Add("application", mid, "UDP/DTLS/SCTP webrtc-datachannel",
             "a=sctp-port:5000\r\na=max-message-size:262144\r\n");
}

inline SampleOffer& SampleOffer::AddRejected(std::string_view kind, std::string_view mid) {
  Add(kind, mid, "UDP/TLS/RTP/SAVPF 111", "a=inactive\r\n");
  sections_.back().rejected = true;
  return *this;
}

inline std::string SampleOffer::Text() const {
  std::string group = "a=group:BUNDLE";
  for (const Section& section : sections_) {
    group += section.rejected ? "" : " " + section.mid;
  }
  std::string text = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
                     group + "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS stream-1\r\n";
  for (const Section& section : sections_) {
    text += "m=" + section.kind + (section.rejected ? " 0 " : " 9 ") + section.media_line +
            "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:" + ufrag_ +
            "\r\na=ice-pwd:" + password_ +
            "\r\na=ice-options:trickle\r\n"
            "a=fingerprint:sha-256 D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:"
            "2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F\r\na=setup:" +
            setup_ + "\r\na=mid:" + section.mid + "\r\n" + section.body;
  }
  return text;
}

// The first offer of a client with one peer connection.
inline std::string UnifiedFirstOffer() {
  SampleOffer offer;
  for (const char* mid : {"0", "1", "2"}) {
    offer.AddAudio(mid, "recvonly");
  }
  for (const char* mid : {"3", "4", "5"}) {
    offer.AddVideo(mid, "recvonly");
  }
  return offer.AddData("6").Text();
}

inline std::string ChromePublisherOffer() {
  return SampleOffer()
      .AddAudio("0", "sendonly", "microphone-1")
      .AddVideo("1", "sendonly", "camera-1")
      .AddData("2")
      .Text();
}

inline std::string FirefoxPublisherOffer() {
  return "v=0\r\n"
         "o=mozilla...THIS_IS_SDPARTA-99.0 1870462733929155521 0 IN IP4 0.0.0.0\r\n"
         "s=-\r\nt=0 0\r\n"
         "a=fingerprint:sha-256 7b:8b:f0:65:5f:78:e2:51:3b:ac:6f:f3:3f:46:1b:35:"
         "dc:b8:5f:64:1a:24:c2:43:f0:a1:58:d0:a1:2c:19:08\r\n"
         "a=group:BUNDLE 0 1 2\r\na=ice-options:trickle\r\na=msid-semantic:WMS *\r\n"
         "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
         "a=sendrecv\r\na=ice-pwd:9c3fb0b2d6d1d9b0a6a6a2b3f2d4b1a7\r\na=ice-ufrag:0b7c3c6a\r\n"
         "a=mid:0\r\na=setup:actpass\r\na=sctp-port:5000\r\na=max-message-size:1073741823\r\n"
         "m=audio 0 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\nc=IN IP4 0.0.0.0\r\na=bundle-only\r\n"
         "a=sendonly\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
         "a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level\r\n"
         "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
         "a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\na=fmtp:101 0-15\r\n"
         "a=ice-pwd:9c3fb0b2d6d1d9b0a6a6a2b3f2d4b1a7\r\na=ice-ufrag:0b7c3c6a\r\na=mid:1\r\n"
         "a=msid:- {6d3a0e0e-8a3b-4f4e-9a3c-3b6f5f0c6a11}\r\na=rtcp-mux\r\n"
         "a=rtpmap:109 opus/48000/2\r\na=rtpmap:9 G722/8000/1\r\na=rtpmap:0 PCMU/8000\r\n"
         "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=setup:actpass\r\n"
         "a=ssrc:2655508255 cname:{735484ea-4f6c-f74a-bd66-7425f8476c2e}\r\n"
         "m=video 0 UDP/TLS/RTP/SAVPF 120 124 126 127 97 98\r\nc=IN IP4 0.0.0.0\r\n"
         "a=bundle-only\r\na=sendonly\r\na=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
         "a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
         "a=extmap:5 urn:ietf:params:rtp-hdrext:toffset\r\n"
         "a=extmap:7 http://www.ietf.org/id/"
         "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
         "a=extmap:8/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
         "a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1\r\n"
         "a=fmtp:97 profile-level-id=42e01f;level-asymmetry-allowed=1\r\n"
         "a=fmtp:120 max-fs=12288;max-fr=60\r\na=fmtp:124 apt=120\r\na=fmtp:127 apt=126\r\n"
         "a=fmtp:98 apt=97\r\n"
         "a=ice-pwd:9c3fb0b2d6d1d9b0a6a6a2b3f2d4b1a7\r\na=ice-ufrag:0b7c3c6a\r\na=mid:2\r\n"
         "a=msid:- {0c5d7ad5-1a1e-4e6b-8c0c-1c5f7c1d2e33}\r\n"
         "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\n"
         "a=rtcp-fb:120 nack\r\na=rtcp-fb:120 nack pli\r\na=rtcp-fb:120 ccm fir\r\n"
         "a=rtcp-fb:120 goog-remb\r\na=rtcp-fb:120 transport-cc\r\n"
         "a=rtcp-fb:126 nack\r\na=rtcp-fb:126 nack pli\r\na=rtcp-fb:97 nack\r\n"
         "a=rtcp-mux\r\na=rtcp-rsize\r\n"
         "a=rtpmap:120 VP8/90000\r\na=rtpmap:124 rtx/90000\r\na=rtpmap:126 H264/90000\r\n"
         "a=rtpmap:127 rtx/90000\r\na=rtpmap:97 H264/90000\r\na=rtpmap:98 rtx/90000\r\n"
         "a=setup:actpass\r\na=simulcast:send q;h;f\r\n"
         "a=ssrc:3000 cname:{735484ea-4f6c-f74a-bd66-7425f8476c2e}\r\n"
         "a=ssrc:3001 cname:{735484ea-4f6c-f74a-bd66-7425f8476c2e}\r\n"
         "a=ssrc-group:FID 3000 3001\r\n";
}

}  // namespace sfu

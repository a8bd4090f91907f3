#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/time/timestamp.h"
#include "tests/support/virtual_data_channels.h"
#include "worker/dtls/context.h"
#include "worker/dtls/session.h"
#include "worker/ice/credentials.h"
#include "worker/ice/stun_message.h"
#include "worker/sctp/association.h"
#include "worker/srtp/session.h"

namespace sfu {

// The other end of one transport: a client's peer connection without SDP and codecs. A full,
// controlling ICE agent with one local address at a time, DTLS in either role, SRTP, SCTP with data
// channels. Sans-IO like the cores it is tried against: feed Handle…(), take PollOutput() until it
// is empty, call HandleTimeout() at NextTimeout(). For tests, simulations and load generators.
//
// It behaves as libwebrtc does where that matters: checks are repeated until answered, each carries
// USE-CANDIDATE, and consent is kept fresh by a check each 2.5 s.
class VirtualPeer {
 public:
  struct Options {
    dtls::Role dtls_role = dtls::Role::kClient;  // As a server, it waits for the ClientHello.
    bool has_data = true;
    bool opens_data_channels = true;  // "_reliable", "_lossy" and "_data_track".
    size_t mtu_bytes = 1200;
    absl::Duration check_interval = absl::Milliseconds(50);      // Until the first answer.
    absl::Duration consent_interval = absl::Milliseconds(2500);  // From then on.
  };

  // What the other side's description says.
  struct Remote {
    ice::Credentials ice;
    std::vector<dtls::Fingerprint> fingerprints;
    SocketAddress address;  // The candidate to use.
  };

  // Outputs.
  struct Datagram {
    SocketAddress from;
    SocketAddress to;
    std::vector<uint8_t> bytes;
  };
  struct Connected {};  // ICE and DTLS are up. Once.
  struct Failed {       // DTLS. Once.
    dtls::FailureReason reason;
  };
  struct Rtp {
    std::vector<uint8_t> bytes;  // Plain.
  };
  struct Rtcp {
    std::vector<uint8_t> bytes;  // A plain compound.
  };
  struct ChannelOpened {
    std::string label;
  };
  struct Message {
    std::string label;
    std::vector<uint8_t> bytes;
  };
  using Output = std::variant<Datagram, Connected, Failed, Rtp, Rtcp, ChannelOpened, Message>;

  struct Counters {
    uint64_t checks_sent = 0;
    uint64_t checks_answered = 0;
    uint64_t check_errors = 0;  // Error responses.
    uint64_t rtp_received = 0;
    uint64_t rtp_refused = 0;  // Wrong tag, replayed, before the keys.
  };

  // All referred to must outlive the peer.
  VirtualPeer(Random& random, const dtls::Context& context, sctp::AssociationFactory& associations,
              const Options& options);

  // For the other side's Configure().
  const ice::Credentials& local_ice() const { return local_ice_; }
  const dtls::Fingerprint& fingerprint() const { return context_.fingerprint(); }

  // Begins: checks from `local` to `remote.address`, then DTLS.
  void Connect(Timestamp now, const SocketAddress& local, Remote remote);

  // The client's network changed: from now on everything leaves from, and is accepted at, `local`
  // alone. Checks start at once, as with continual gathering.
  void MoveTo(Timestamp now, const SocketAddress& local);
  // The remote side has restarted ICE; so do we.
  void RestartIce(Timestamp now, ice::Credentials remote);
  // The other way around: new local_ice() first, for our description; then, from the other side's,
  // the credentials that checks use from now on.
  void RenewLocalIce();
  void CompleteRestart(Timestamp now, ice::Credentials remote);

  // A client that went away without a word: nothing leaves any more and nothing is heard.
  void Vanish() { vanished_ = true; }
  void Return(Timestamp now);
  // close_notify.
  void Close();

  void HandleDatagram(Timestamp now, const SocketAddress& to, absl::Span<const uint8_t> datagram);
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;
  std::optional<Output> PollOutput();

  // Plain packets, protected here. False before Connected.
  bool SendRtp(absl::Span<const uint8_t> packet);
  bool SendRtcp(absl::Span<const uint8_t> compound);
  // False if the channel is not open or will not take more.
  bool SendMessage(Timestamp now, std::string_view label, absl::Span<const uint8_t> bytes);
  // Unauthenticated bytes, as a broken or hostile client sends them.
  void SendRaw(absl::Span<const uint8_t> datagram);

  // One DTLS record with anything in it: a hostile client that did shake hands.
  void SendSctp(Timestamp now, absl::Span<const uint8_t> packet);

  bool ice_connected() const { return ice_connected_; }
  bool connected() const { return srtp_ != nullptr; }
  bool IsChannelOpen(std::string_view label) const { return data_ && data_->IsOpen(label); }
  const SocketAddress& local_address() const { return local_; }
  std::optional<srtp::Profile> srtp_profile() const;
  const Counters& counters() const { return counters_; }

 private:
  void SendCheck(Timestamp now);
  void HandleStun(Timestamp now, absl::Span<const uint8_t> datagram);
  void HandleMedia(bool is_rtcp, absl::Span<const uint8_t> datagram);
  void StartDtls(Timestamp now);
  void TakeDtlsOutputs(Timestamp now);
  void TakeDataOutputs();
  void HandleKeys(Timestamp now, const dtls::SrtpKeys& keys);
  void Emit(Output output);
  void EmitDatagram(absl::Span<const uint8_t> bytes);

  Random& random_;
  const dtls::Context& context_;
  sctp::AssociationFactory& associations_;
  const Options options_;
  ice::Credentials local_ice_;

  std::optional<Remote> remote_;
  SocketAddress local_;
  uint64_t tie_breaker_;
  ice::StunTransactionId transaction_{};  // Of the latest check.
  Timestamp next_check_ = Timestamp::Never();
  bool ice_connected_ = false;  // The latest checks are answered.
  bool vanished_ = false;

  std::unique_ptr<dtls::Session> dtls_;
  std::unique_ptr<srtp::Session> srtp_;
  std::optional<VirtualDataChannels> data_;
  std::vector<uint8_t> scratch_;
  std::deque<Output> outputs_;
  Counters counters_;
};

}  // namespace sfu

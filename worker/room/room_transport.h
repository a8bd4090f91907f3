#pragma once

#include <optional>

#include "worker/room/outlet.h"
#include "worker/room/parameters.h"
#include "worker/room/publisher_streams.h"
#include "worker/room/room_environment.h"
#include "worker/room/room_events.h"
#include "worker/room/subscriber_streams.h"
#include "worker/transport/transport.h"

namespace sfu::mediaroom {

// A transport in its room: what it receives and what is sent through it. Reads RTCP and hands each
// message to the half it concerns.
//
// Lives on its room's media thread.
class RoomTransport {
 public:
  RoomTransport(TransportHandle handle, transport::TransportId id, const TransportOptions& options,
                const AudioLevelOptions& audio_levels, const RoomEnvironment& environment,
                TrackTable& tracks);
  ~RoomTransport();

  TransportHandle handle() const { return handle_; }
  const TransportOptions& options() const { return options_; }
  transport::Transport& transport() { return transport_; }
  const transport::Transport& transport() const { return transport_; }
  Outlet& outlet() { return outlet_; }
  PublisherStreams& publisher() { return publisher_; }
  SubscriberStreams& subscriber() { return subscriber_; }

  void HandleRtp(Timestamp now, transport::RtpReceived received, RoomEvents& events);
  void HandleRtcp(Timestamp now, const transport::RtcpReceived& received);
  void HandleTimeout(Timestamp now, transport::TransportOutputs& outputs);
  Timestamp NextTimeout() const;

  // For the count of how far transports come.
  void NoteConnected();
  void NoteDataChannelsOpen();

  // After every command and every pass: streams that have ended leave no SRTP state behind.
  void ForgetEndedStreams();

 private:
  TransportSteps& Steps() const;
  void NoteProgress();
  void HandleSubPacket(Timestamp now, Timestamp arrival, const rtcp::SubPacket& packet);

  const TransportHandle handle_;
  const TransportOptions options_;
  const RoomEnvironment& environment_;
  transport::Transport transport_;
  Outlet outlet_;
  PublisherStreams publisher_;
  SubscriberStreams subscriber_;
  bool connected_ = false;  // Once it was.
  bool channels_open_ = false;
  bool established_ = false;
};

}  // namespace sfu::mediaroom

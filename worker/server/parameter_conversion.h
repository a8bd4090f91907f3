#pragma once

#include <optional>
#include <vector>

#include "proto/sfu/worker.pb.h"
#include "worker/room/parameters.h"
#include "worker/transport/transport.h"

// Commands off the wire, checked and turned into the plain values that media rooms take. Nullopt
// means that the message contradicts itself (REFUSAL_INVALID): a bug of the controller, not of a
// client.
namespace sfu::worker {

mediaroom::AudioLevelOptions FromProto(const v1::AudioLevelOptions& message);
mediaroom::ParticipantParameters FromProto(const v1::ConfigureParticipant& message);
mediaroom::TransportOptions FromProto(const v1::OpenTransport& message);
mediaroom::SubscriptionParameters FromProto(const v1::ConfigureSubscription& message);

std::optional<std::vector<mediaroom::ReceiverParameters>> FromProto(
    const v1::ConfigureReceivers& message);
std::optional<std::vector<mediaroom::SenderParameters>> FromProto(
    const v1::ConfigureSenders& message);
transport::RemoteParameters FromProto(const v1::ConfigureTransport& message);

std::optional<rtp::Codec> FromProto(v1::Codec codec);
v1::Codec ToProto(rtp::Codec codec);

}  // namespace sfu::worker

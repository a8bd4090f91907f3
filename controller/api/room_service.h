#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/auth/grants.h"
#include "controller/actor/room_registry.h"
#include "controller/api/http_message.h"
#include "controller/api/twirp.h"

namespace sfu::api {

struct ServiceLimits {
  size_t room_name_bytes = 256;  // 0: no limit, as for all of these.
  size_t identity_bytes = 256;
  size_t metadata_bytes = 512 * 1024;
};

// The room service of the server API (server API contract, section 2). Thread-safe.
class RoomService {
 public:
  // `registry` must outlive the service and what it answers.
  RoomService(actor::RoomRegistry& registry, const ServiceLimits& limits)
      : registry_(registry), limits_(limits) {}

  // `claims` is null for a request without a token. False when there is no such method; `respond`
  // has not been touched then.
  bool Handle(const TwirpCall& call, const std::string& body, const auth::Claims* claims,
              Respond& respond);

 private:
  struct Answer;

  void CreateRoom(const auth::Claims* claims, livekit::CreateRoomRequest request, Answer answer);
  void ListRooms(const auth::Claims* claims, livekit::ListRoomsRequest request, Answer answer);
  void DeleteRoom(const auth::Claims* claims, livekit::DeleteRoomRequest request, Answer answer);
  void ListParticipants(const auth::Claims* claims, livekit::ListParticipantsRequest request,
                        Answer answer);
  void GetParticipant(const auth::Claims* claims, livekit::RoomParticipantIdentity request,
                      Answer answer);
  void RemoveParticipant(const auth::Claims* claims, livekit::RoomParticipantIdentity request,
                         Answer answer);

  std::optional<TwirpError> CheckName(std::string_view room) const;
  std::optional<TwirpError> CheckIdentity(std::string_view identity) const;

  actor::RoomRegistry& registry_;
  const ServiceLimits limits_;
};

}  // namespace sfu::api

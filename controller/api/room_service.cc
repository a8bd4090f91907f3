#include "controller/api/room_service.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace sfu::api {
namespace {

constexpr char kNoSuchRoom[] = "requested room does not exist";
constexpr char kNoSuchParticipant[] = "participant does not exist";

TwirpError Denied() {
  return {.code = TwirpCode::kUnauthenticated, .message = "permissions denied"};
}
TwirpError NotFound(std::string_view what) {
  return {.code = TwirpCode::kNotFound, .message = std::string(what)};
}
TwirpError Invalid(std::string message) {
  return {.code = TwirpCode::kInvalidArgument, .message = std::move(message)};
}

bool MayAdminister(const auth::Claims* claims, std::string_view room) {
  return claims != nullptr && claims->video && claims->video->room_admin &&
         claims->video->room == room;
}

}  // namespace

// Where the result of one call goes, in the encoding of its request.
struct RoomService::Answer {
  TwirpEncoding encoding;
  Respond respond;

  void Succeed(const google::protobuf::Message& message) {
    respond(TwirpResponse(encoding, message));
  }
  void Fail(const TwirpError& error) { respond(TwirpErrorResponse(error)); }
};

bool RoomService::Handle(const TwirpCall& call, const std::string& body, const auth::Claims* claims,
                         Respond& respond) {
  const auto run =
      [&]<typename Request>(void (RoomService::*method)(const auth::Claims*, Request, Answer)) {
        Answer answer{.encoding = call.encoding, .respond = std::move(respond)};
        Request request;
        if (!DecodeTwirp(call.encoding, body, request)) {
          answer.Fail(MalformedBody(call.encoding));
          return;
        }
        (this->*method)(claims, std::move(request), std::move(answer));
      };

  if (call.method == "CreateRoom") {
    run(&RoomService::CreateRoom);
  } else if (call.method == "ListRooms") {
    run(&RoomService::ListRooms);
  } else if (call.method == "DeleteRoom") {
    run(&RoomService::DeleteRoom);
  } else if (call.method == "ListParticipants") {
    run(&RoomService::ListParticipants);
  } else if (call.method == "GetParticipant") {
    run(&RoomService::GetParticipant);
  } else if (call.method == "RemoveParticipant") {
    run(&RoomService::RemoveParticipant);
  } else {
    return false;
  }
  return true;
}

void RoomService::CreateRoom(const auth::Claims* claims, livekit::CreateRoomRequest request,
                             Answer answer) {
  if (claims == nullptr || !claims->video || !claims->video->room_create) {
    answer.Fail(Denied());
    return;
  }
  if (const std::optional<TwirpError> error = CheckName(request.name())) {
    answer.Fail(*error);
    return;
  }
  if (limits_.metadata_bytes != 0 && request.metadata().size() > limits_.metadata_bytes) {
    TwirpError error =
        Invalid(fmt::format("metadata size exceeds limits {}", limits_.metadata_bytes));
    error.meta["argument"] = "metadata size exceeds limits";
    answer.Fail(error);
    return;
  }
  if (request.has_egress()) {
    answer.Fail({.code = TwirpCode::kInternal, .message = "egress not connected (redis required)"});
    return;
  }
  registry_.CreateRoom(std::move(request), [answer = std::move(answer)](
                                               const absl::StatusOr<livekit::Room>& room) mutable {
    if (room.ok()) {
      answer.Succeed(*room);
    } else {
      answer.Fail(FromStatus(room.status()));
    }
  });
}

void RoomService::ListRooms(const auth::Claims* claims, livekit::ListRoomsRequest request,
                            Answer answer) {
  if (claims == nullptr || !claims->video || !claims->video->room_list) {
    answer.Fail(Denied());
    return;
  }
  registry_.ListRooms([request = std::move(request),
                       answer = std::move(answer)](std::vector<livekit::Room> rooms) mutable {
    livekit::ListRoomsResponse response;
    for (livekit::Room& room : rooms) {
      const auto& names = request.names();
      if (names.empty() || std::find(names.begin(), names.end(), room.name()) != names.end()) {
        *response.add_rooms() = std::move(room);
      }
    }
    answer.Succeed(response);
  });
}

void RoomService::DeleteRoom(const auth::Claims* claims, livekit::DeleteRoomRequest request,
                             Answer answer) {
  if (claims == nullptr || !claims->video || !claims->video->room_create) {
    answer.Fail(Denied());
    return;
  }
  registry_.WithRoom(request.room(),
                     [answer = std::move(answer)](room::Room* room, room::Moment moment) mutable {
                       if (room == nullptr) {
                         answer.Fail(NotFound(kNoSuchRoom));
                         return;
                       }
                       room->Delete(moment);
                       answer.Succeed(livekit::DeleteRoomResponse());
                     });
}

void RoomService::ListParticipants(const auth::Claims* claims,
                                   livekit::ListParticipantsRequest request, Answer answer) {
  if (!MayAdminister(claims, request.room())) {
    answer.Fail(Denied());
    return;
  }
  registry_.WithRoom(request.room(),
                     [answer = std::move(answer)](room::Room* room, room::Moment) mutable {
                       livekit::ListParticipantsResponse response;
                       if (room != nullptr) {
                         for (livekit::ParticipantInfo& participant : room->Participants()) {
                           *response.add_participants() = std::move(participant);
                         }
                       }
                       answer.Succeed(response);
                     });
}

void RoomService::GetParticipant(const auth::Claims* claims,
                                 livekit::RoomParticipantIdentity request, Answer answer) {
  if (!MayAdminister(claims, request.room())) {
    answer.Fail(Denied());
    return;
  }
  if (const std::optional<TwirpError> error = CheckIdentity(request.identity())) {
    answer.Fail(*error);
    return;
  }
  registry_.WithRoom(request.room(), [identity = request.identity(), answer = std::move(answer)](
                                         room::Room* room, room::Moment) mutable {
    const std::optional<livekit::ParticipantInfo> participant =
        room == nullptr ? std::nullopt : room->FindParticipant(identity);
    if (participant) {
      answer.Succeed(*participant);
    } else {
      answer.Fail(NotFound(kNoSuchParticipant));
    }
  });
}

void RoomService::RemoveParticipant(const auth::Claims* claims,
                                    livekit::RoomParticipantIdentity request, Answer answer) {
  if (!MayAdminister(claims, request.room())) {
    answer.Fail(Denied());
    return;
  }
  if (const std::optional<TwirpError> error = CheckIdentity(request.identity())) {
    answer.Fail(*error);
    return;
  }
  registry_.WithRoom(request.room(), [identity = request.identity(), answer = std::move(answer)](
                                         room::Room* room, room::Moment moment) mutable {
    if (room != nullptr && room->RemoveParticipant(moment, identity)) {
      answer.Succeed(livekit::RemoveParticipantResponse());
    } else {
      answer.Fail(NotFound(kNoSuchParticipant));
    }
  });
}

std::optional<TwirpError> RoomService::CheckName(std::string_view room) const {
  if (limits_.room_name_bytes != 0 && room.size() > limits_.room_name_bytes) {
    return Invalid(
        fmt::format("room name length exceeds limits: max length {}", limits_.room_name_bytes));
  }
  return std::nullopt;
}

std::optional<TwirpError> RoomService::CheckIdentity(std::string_view identity) const {
  if (identity.empty()) {
    return Invalid("identity cannot be empty");
  }
  if (limits_.identity_bytes != 0 && identity.size() > limits_.identity_bytes) {
    return Invalid(fmt::format("participant identity length exceeds limits: max length {}",
                               limits_.identity_bytes));
  }
  return std::nullopt;
}

}  // namespace sfu::api

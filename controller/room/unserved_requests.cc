#include "controller/room/unserved_requests.h"

#include <utility>

#include "controller/room/publishing.h"
#include "controller/room/signal_messages.h"

namespace sfu::room {

using livekit::RequestResponse;
using livekit::SignalRequest;

void RefuseUnserved(Member& member, const SignalRequest& request, RoomCounters& counters) {
  RequestResponse response = MakeRequestResponse(RequestResponse::NOT_ALLOWED);
  switch (request.message_case()) {
    case SignalRequest::kPublishDataTrackRequest:
      *response.mutable_publish_data_track() = request.publish_data_track_request();
      break;
    case SignalRequest::kUnpublishDataTrackRequest:
      response.set_reason(RequestResponse::NOT_FOUND);
      *response.mutable_unpublish_data_track() = request.unpublish_data_track_request();
      break;
    case SignalRequest::kUpdateDataSubscription: {
      // The map is complete each time; without data tracks it is empty (trap 39).
      livekit::SignalResponse handles;
      handles.mutable_data_track_subscriber_handles();
      member.signal.Send(std::move(handles));
      return;
    }
    case SignalRequest::kStoreDataBlobRequest:
      response.set_request_id(request.store_data_blob_request().request_id());
      response.set_message("data blob not enabled");
      break;
    case SignalRequest::kGetDataBlobRequest:
      response.set_request_id(request.get_data_blob_request().request_id());
      response.set_message("data blob not enabled");
      break;
    default:
      // update_layers, simulate, and what is newer than we are. Pings are answered before they get
      // here.
      ++counters.requests_ignored;
      return;
  }
  Respond(member, std::move(response));
}

}  // namespace sfu::room

#include "controller/actor/milestone_tracker.h"

#include <utility>
#include <variant>

#include "controller/room/handles.h"

namespace sfu::actor {

void MilestoneTracker::HandleJoined(room::SessionId session, const livekit::ClientInfo& client) {
  sessions_[session] = {.protocol = client.protocol(), .sdk = client.sdk(), .sid = ""};
}

void MilestoneTracker::HandleSignalClosed(room::SessionId session) {
  EndSession(session, SessionMilestone::Step::kCanceled);
}

void MilestoneTracker::HandleSessionEnded(room::SessionId session) {
  EndSession(session, SessionMilestone::Step::kFailed);
}

// Somebody who is active outlives the session: it may come back with another.
void MilestoneTracker::EndSession(room::SessionId session, SessionMilestone::Step if_not_active) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) {
    return;
  }
  const std::string sid = std::move(found->second.sid);
  sessions_.erase(found);
  const Person* person = FindPerson(sid);
  if (person != nullptr && !person->active_since) {
    EndPerson(sid, if_not_active, absl::ZeroDuration());
  }
}

void MilestoneTracker::EndPerson(const std::string& sid, SessionMilestone::Step step,
                                 absl::Duration elapsed) {
  const auto found = people_.find(sid);
  const Person& person = found->second;
  for (const auto& [track, pending] : person.pending) {
    observer_.HandleMilestone(PublishMilestone{.step = PublishMilestone::Step::kCancel,
                                               .type = pending.type,
                                               .source = pending.source,
                                               .sdk = person.sdk,
                                               .kind = person.kind});
  }
  observer_.HandleMilestone(
      SessionMilestone{.step = step, .protocol = person.protocol, .elapsed = elapsed});
  people_.erase(found);
}

void MilestoneTracker::HandleResponse(Timestamp now, room::SessionId session_id,
                                      const livekit::SignalResponse& response) {
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end()) {
    return;
  }
  Session& session = found->second;
  switch (response.message_case()) {
    case livekit::SignalResponse::kJoin: {
      const livekit::ParticipantInfo& participant = response.join().participant();
      session.sid = participant.sid();
      people_.insert_or_assign(session.sid, Person{.protocol = session.protocol,
                                                   .sdk = session.sdk,
                                                   .kind = participant.kind(),
                                                   .admitted_at = now,
                                                   .active_since = std::nullopt,
                                                   .pending = {}});
      observer_.HandleMilestone(SessionMilestone{.step = SessionMilestone::Step::kAdmitted,
                                                 .protocol = session.protocol});
      break;
    }
    case livekit::SignalResponse::kTrackPublished:
      HandleTrackAnnounced(now, session.sid, response.track_published().track());
      break;
    case livekit::SignalResponse::kTrackUnpublished:
      CancelTrack(session.sid, response.track_unpublished().track_sid());
      break;
    case livekit::SignalResponse::kSubscriptionResponse:
      observer_.HandleMilestone(
          SubscribeMilestone{.step = SubscribeMilestone::Step::kFailure,
                             .sdk = session.sdk,
                             .error = response.subscription_response().err()});
      break;
    default:
      break;
  }
}

void MilestoneTracker::HandleTrackAnnounced(Timestamp now, const std::string& participant_sid,
                                            const livekit::TrackInfo& track) {
  Person* person = FindPerson(participant_sid);
  if (person == nullptr ||
      !person->pending.try_emplace(track.sid(), PendingTrack{now, track.type(), track.source()})
           .second) {
    return;  // Said again.
  }
  observer_.HandleMilestone(PublishMilestone{.step = PublishMilestone::Step::kAttempt,
                                             .type = track.type(),
                                             .source = track.source(),
                                             .sdk = person->sdk,
                                             .kind = person->kind});
}

void MilestoneTracker::CancelTrack(const std::string& participant_sid,
                                   const std::string& track_sid) {
  Person* person = FindPerson(participant_sid);
  if (person == nullptr) {
    return;
  }
  const auto pending = person->pending.find(track_sid);
  if (pending == person->pending.end()) {
    return;  // It has media by now, or never was.
  }
  observer_.HandleMilestone(PublishMilestone{.step = PublishMilestone::Step::kCancel,
                                             .type = pending->second.type,
                                             .source = pending->second.source,
                                             .sdk = person->sdk,
                                             .kind = person->kind});
  person->pending.erase(pending);
}

void MilestoneTracker::HandleFact(Timestamp now, const room::RoomFact& fact) {
  if (const auto* joined = std::get_if<room::ParticipantJoined>(&fact)) {
    Person* person = FindPerson(joined->participant.sid());
    if (person != nullptr && !person->active_since) {
      person->active_since = now;
      observer_.HandleMilestone(SessionMilestone{.step = SessionMilestone::Step::kActive,
                                                 .protocol = person->protocol,
                                                 .elapsed = now - person->admitted_at});
    }
  } else if (const auto* left = std::get_if<room::ParticipantLeft>(&fact)) {
    const Person* person = FindPerson(left->participant.sid());
    if (person != nullptr && person->active_since) {
      EndPerson(left->participant.sid(), SessionMilestone::Step::kEnded,
                now - *person->active_since);
    }
  } else if (const auto* published = std::get_if<room::TrackPublished>(&fact)) {
    HandleTrackPublished(now, *published);
  }
}

void MilestoneTracker::HandleTrackPublished(Timestamp now, const room::TrackPublished& fact) {
  if (track_started_ != 0) {
    sources_[track_started_] = fact.track.source();
  }
  Person* person = FindPerson(fact.participant.sid());
  if (person == nullptr) {
    return;
  }
  const auto pending = person->pending.find(fact.track.sid());
  if (pending == person->pending.end()) {
    return;
  }
  observer_.HandleMilestone(PublishMilestone{.step = PublishMilestone::Step::kSuccess,
                                             .type = fact.track.type(),
                                             .source = fact.track.source(),
                                             .sdk = person->sdk,
                                             .kind = person->kind,
                                             .elapsed = now - pending->second.since});
  person->pending.erase(pending);
}

void MilestoneTracker::HandleWorkerEvent(Timestamp now, const worker::v1::RoomEvent& event) {
  track_started_ = event.has_track_started() ? event.track_started().track() : 0;
  if (event.has_subscription_active()) {
    HandleSubscriptionActive(now, event.subscription_active().sender());
  }
}

void MilestoneTracker::HandleCommand(Timestamp now, const worker::v1::RoomCommand& command) {
  switch (command.command_case()) {
    case worker::v1::RoomCommand::kConfigureParticipant:
      handles_[command.configure_participant().participant()] =
          command.configure_participant().sid();
      break;
    case worker::v1::RoomCommand::kConfigureSenders:
      HandleSenders(now, command.configure_senders());
      break;
    case worker::v1::RoomCommand::kCloseTransport:
      EndSenders([transport = command.close_transport().transport()](uint64_t handle) {
        return handle == transport;
      });
      break;
    case worker::v1::RoomCommand::kRemoveParticipant: {
      const room::ParticipantHandle participant(command.remove_participant().participant());
      EndSenders([participant](uint64_t handle) { return room::OwnerOf(handle) == participant; });
      absl::erase_if(sources_, [participant](const auto& entry) {
        return room::OwnerOf(entry.first) == participant;
      });
      handles_.erase(participant.value());
      break;
    }
    case worker::v1::RoomCommand::kCloseRoom:
      HandleRoomClosed();
      break;
    default:
      break;
  }
}

void MilestoneTracker::HandleRoomClosed() {
  EndSenders([](uint64_t) { return true; });
}

// A complete list: what is not on it has ended.
void MilestoneTracker::HandleSenders(Timestamp now, const worker::v1::ConfigureSenders& command) {
  Senders before = std::move(senders_[command.transport()]);
  Senders& senders = senders_[command.transport()];
  senders.clear();
  for (const worker::v1::Sender& sender : command.senders()) {
    if (auto known = before.extract(sender.sender())) {
      senders.insert(std::move(known));
      continue;
    }
    const Sender& started =
        senders
            .emplace(sender.sender(),
                     Sender{.since = now,
                            .track = sender.track(),
                            .type = sender.kind() == worker::v1::MEDIA_KIND_VIDEO ? livekit::VIDEO
                                                                                  : livekit::AUDIO})
            .first->second;
    ReportSubscribe(SubscribeMilestone::Step::kAttempt, sender.sender(), started,
                    absl::ZeroDuration());
  }
  for (const auto& [handle, sender] : before) {
    EndSender(handle, sender);
  }
}

void MilestoneTracker::HandleSubscriptionActive(Timestamp now, uint64_t handle) {
  for (auto& [transport, senders] : senders_) {
    const auto sender = senders.find(handle);
    if (sender != senders.end() && !std::exchange(sender->second.active, true)) {
      ReportSubscribe(SubscribeMilestone::Step::kSuccess, handle, sender->second,
                      now - sender->second.since);
    }
  }
}

void MilestoneTracker::EndSender(uint64_t handle, const Sender& sender) {
  ReportSubscribe(
      sender.active ? SubscribeMilestone::Step::kEnd : SubscribeMilestone::Step::kCancel, handle,
      sender, absl::ZeroDuration());
}

template <typename Matches>
void MilestoneTracker::EndSenders(Matches matches) {
  for (auto entry = senders_.begin(); entry != senders_.end();) {
    if (!matches(entry->first)) {
      ++entry;
      continue;
    }
    for (const auto& [handle, sender] : entry->second) {
      EndSender(handle, sender);
    }
    entry = senders_.erase(entry);
  }
}

void MilestoneTracker::ReportSubscribe(SubscribeMilestone::Step step, uint64_t handle,
                                       const Sender& sender, absl::Duration elapsed) {
  SubscribeMilestone milestone{.step = step, .type = sender.type, .elapsed = elapsed};
  if (const auto source = sources_.find(sender.track); source != sources_.end()) {
    milestone.source = source->second;
  }
  const auto sid = handles_.find(room::OwnerOf(handle).value());
  if (const Person* person = sid == handles_.end() ? nullptr : FindPerson(sid->second)) {
    milestone.sdk = person->sdk;
    milestone.kind = person->kind;
  }
  observer_.HandleMilestone(milestone);
}

MilestoneTracker::Person* MilestoneTracker::FindPerson(const std::string& sid) {
  const auto person = people_.find(sid);
  return person == people_.end() ? nullptr : &person->second;
}

}  // namespace sfu::actor

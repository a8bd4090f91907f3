#include "controller/negotiation/publisher_negotiation.h"

#include <utility>

#include "common/base/check.h"
#include "controller/negotiation/answer_description.h"
#include "controller/negotiation/answer_sections.h"

namespace sfu::negotiation {

PublisherNegotiation::PublisherNegotiation(const NegotiationOptions& options, Random& random)
    : options_(options), origin_(random) {}

absl::StatusOr<OfferSummary> PublisherNegotiation::HandleOffer(
    const livekit::SessionDescription& offer) {
  absl::StatusOr<OfferSummary> summary = offer_.Handle(offer, options_.publish_codecs);
  unanswered_ |= summary.ok();
  return summary;
}

PublisherNegotiation::Answer PublisherNegotiation::BuildAnswer(const Assignments& assignments,
                                                               const TransportOpened& local) {
  SFU_CHECK(offer_.present());
  sdp::SessionDescription answer = StartAnswer(offer_, origin_);
  receivers_.clear();
  for (const sdp::MediaSection& offered : offer_.description().sections) {
    if (!offer_.IsUsable(offered)) {
      answer.sections.push_back(RejectSection(offered));
    } else if (sdp::Sends(offered.direction) || !offered.is_media()) {
      answer.sections.push_back(
          AnswerUpSection(offered, assignments, options_, ConnectionModel::kDual, receivers_));
    } else {
      answer.sections.push_back(
          AnswerIdleSection(offered, options_.publish_codecs, sdp::Direction::kInactive, options_));
    }
  }
  unanswered_ = false;
  Answer result;
  result.description = FinishAnswer(local, std::move(answer), offer_);
  result.transport = offer_.remote_transport();
  result.transport.set_transport(options_.transport);
  result.receivers = Receivers(assignments);
  return result;
}

ConfigureReceivers PublisherNegotiation::Receivers(const Assignments& assignments) const {
  return AssignReceivers(options_.transport, receivers_, assignments);
}

}  // namespace sfu::negotiation

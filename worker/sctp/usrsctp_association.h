#pragma once

#include <memory>

#include "worker/sctp/association.h"

namespace sfu::sctp {

// Associations of usrsctp (AF_CONN, no threads of its own). See usrsctp_stack.h for how one global
// stack serves several media threads.
class UsrsctpAssociationFactory : public AssociationFactory {
 public:
  std::unique_ptr<Association> Create(const AssociationOptions& options) override;
};

}  // namespace sfu::sctp

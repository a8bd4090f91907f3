#pragma once

#include <cstddef>
#include <cstdint>

#include "worker/sctp/association.h"

struct socket;  // usrsctp's.

namespace sfu::sctp {

inline constexpr size_t kSctpCommonHeaderBytes = 12;

// A bound usrsctp socket for one association, known to the stack as `id`, whose data, notifications
// and send space go to that inbox. nullptr if usrsctp refuses. To be called and closed inside
// UsrsctpStack::Run().
struct socket* OpenUsrsctpSocket(uintptr_t id, const AssociationOptions& options);

// Sends INIT. False if that cannot be.
bool ConnectUsrsctpSocket(struct socket* socket, uintptr_t id, const AssociationOptions& options);

// Sends an ABORT unless the association is gone already.
void CloseUsrsctpSocket(struct socket* socket, uintptr_t id);

}  // namespace sfu::sctp

#include "common/log/grpc_log.h"

#include <grpc/support/log.h>

#include "common/log/log.h"

namespace sfu::log {
namespace {

// gRPC calls an error what is one to a connection; it reconnects, and the links report that.
Level LevelFrom(gpr_log_severity severity) {
  return severity == GPR_LOG_SEVERITY_ERROR ? Level::kWarning : Level::kDebug;
}

void Relay(gpr_log_func_args* arguments) {
  Write(LevelFrom(arguments->severity), "grpc.library",
        {{"text", Public(arguments->message)},
         {"file", Public(arguments->file)},
         {"line", arguments->line}});
}

}  // namespace

void RouteGrpc() {
  gpr_set_log_function(Relay);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
}

}  // namespace sfu::log

#pragma once

namespace sfu::log {

// Makes gRPC's own log lines ours: they would go to standard error past level and form. gRPC joins
// controllers and workers only, so what it says is about our own servers. Call after Configure().
void RouteGrpc();

}  // namespace sfu::log

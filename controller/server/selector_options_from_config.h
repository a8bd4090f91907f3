#pragma once

#include "common/config/config.h"
#include "controller/placement/worker_selector.h"

namespace sfu::server {

// The section `node_selector`, whose words LoadConfig() has checked.
placement::SelectorOptions SelectorOptionsFrom(const config::Config& config);

}  // namespace sfu::server

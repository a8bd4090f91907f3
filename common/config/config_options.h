#pragma once

#include "common/config/config.h"
#include "common/config/option_table.h"

// For common/config only.
namespace sfu::config {

// Every key of the operations contract (sections 2 and 3) and of ours, bound to `config`, which
// must outlive the table.
OptionTable MakeOptionTable(Config& config);

}  // namespace sfu::config

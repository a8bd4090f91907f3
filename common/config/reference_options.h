#pragma once

#include "common/config/option_table.h"

// For common/config only.
namespace sfu::config {

// Adds the keys of the reference server (operations contract, sections 2 and 3, server API
// contract, section 6.3) that have no effect here, with their types and defaults: files written for
// it start this server, too, and whoever asks for something that will not happen is told so.
void AddReferenceOptions(OptionTable& table);

}  // namespace sfu::config

#pragma once

#include <optional>
#include <string_view>

#include "controller/http/front_door.h"

namespace sfu {

// The files of tools/try_page, as they were when this program was built; nullopt for other names
// and for files that were not there.
std::optional<http::Asset> FindTryPageAsset(std::string_view name);

}  // namespace sfu

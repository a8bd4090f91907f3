#include "tools/all_in_one/try_page_assets.h"

#include <cstddef>

// The assembler copies the files: as arrays in source text they would take minutes to compile.
#define SFU_ASSET(index, name, type, file)   \
  __asm__(                                   \
      ".section .rodata\n"                   \
      ".global sfu_asset_" #index            \
      "\n"                                   \
      "sfu_asset_" #index                    \
      ":\n"                                  \
      ".incbin \"" file                      \
      "\"\n"                                 \
      ".global sfu_asset_end_" #index        \
      "\n"                                   \
      "sfu_asset_end_" #index                \
      ":\n"                                  \
      ".byte 0\n"                            \
      ".previous\n");                        \
  extern "C" const char sfu_asset_##index[]; \
  extern "C" const char sfu_asset_end_##index[];
#include "try_page_assets.inc"
#undef SFU_ASSET

namespace sfu {

std::optional<http::Asset> FindTryPageAsset(std::string_view name) {
#define SFU_ASSET(index, asset_name, type, file)                                      \
  if (name == asset_name) {                                                           \
    const auto size = static_cast<size_t>(sfu_asset_end_##index - sfu_asset_##index); \
    return http::Asset{.content_type = type, .body = {sfu_asset_##index, size}};      \
  }
#include "try_page_assets.inc"
#undef SFU_ASSET
  return std::nullopt;
}

}  // namespace sfu

#pragma once

#include <cstdio>
#include <cstdlib>

namespace sfu::internal {

[[noreturn]] inline void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace sfu::internal

// States what must hold unless our own code is wrong; stops the process otherwise, in release
// builds too. Never for what a peer or the environment may do.
#define SFU_CHECK(condition)                                        \
  do {                                                              \
    if (!(condition)) [[unlikely]] {                                \
      ::sfu::internal::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                               \
  } while (false)

# One language level and one set of warnings for all of our own code; sanitizers for everything
# that is compiled here. Set before any target exists.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")  # No -DNDEBUG: checks stay on in release builds.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")

find_program(SFU_CCACHE ccache)
if(SFU_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${SFU_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SFU_CCACHE})
endif()

# mold links a gRPC binary in 0.1 s where bfd takes 0.4 s.
find_program(SFU_MOLD mold)
if(SFU_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(SFU_SANITIZE)
  add_compile_options(-fsanitize=${SFU_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SFU_SANITIZE})
  if(SFU_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(SFU_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Linked by our own targets only, so generated and third-party code stays out of it.
add_library(sfu_warnings INTERFACE)
target_compile_options(sfu_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 sees uninitialised members inside moved std::variant and std::optional that are not.
  target_compile_options(sfu_warnings INTERFACE -Wno-maybe-uninitialized)
else()
  # Part of -Wconversion in clang, not in g++: one rule for both.
  target_compile_options(sfu_warnings INTERFACE -Wno-sign-conversion)
  # What clang 19 finds deprecated is inside libstdc++ 12's own std::stable_sort.
  target_compile_options(sfu_warnings INTERFACE -Wno-deprecated-declarations)
endif()
if(SFU_WERROR)
  target_compile_options(sfu_warnings INTERFACE -Werror)
endif()

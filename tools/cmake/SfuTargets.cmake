# sfu_library(<module> SOURCES ... DEPS ...)
#
# One library per folder: worker/rtp is target sfu_worker_rtp, linked as sfu::worker_rtp. DEPS is
# the module's whole right to include others; a missing entry is a link or include error. A module
# of headers only has no SOURCES.
function(sfu_library module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(arg_SOURCES)
    add_library(sfu_${module} STATIC ${arg_SOURCES})
    target_include_directories(sfu_${module} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    target_link_libraries(sfu_${module} PUBLIC ${arg_DEPS} PRIVATE sfu_warnings)
  else()
    add_library(sfu_${module} INTERFACE)
    target_include_directories(sfu_${module} INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    target_link_libraries(sfu_${module} INTERFACE ${arg_DEPS})
  endif()
  add_library(sfu::${module} ALIAS sfu_${module})
endfunction()

# sfu_binary(<name> SOURCES ... DEPS ...): an installed program.
function(sfu_binary name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} sfu_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME)
endfunction()

# sfu_test(<name> [LABEL unit] SOURCES ... DEPS ...): a gtest binary; each test is a ctest of that
# label (unit unless said otherwise).
function(sfu_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;DEPS")
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock_main sfu_warnings)
  # Discovery waits for the test run: it would execute every sanitized binary during the build.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABEL})
endfunction()

# sfu_fuzz(<name> SOURCES ... DEPS ...): a libFuzzer target over tests/fuzz/seeds/<name>, run for
# SFU_FUZZ_SECONDS by ctest under the label fuzz-smoke. Exists only with SFU_FUZZ.
set(SFU_FUZZ_SECONDS 10 CACHE STRING "How long each fuzz target runs under ctest")
function(sfu_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(NOT SFU_FUZZ)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} sfu_warnings -fsanitize=fuzzer)
  set(corpus ${CMAKE_CURRENT_BINARY_DIR}/corpus/${name})
  file(MAKE_DIRECTORY ${corpus})
  set(seeds)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name})
    set(seeds ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name})
  endif()
  add_test(NAME ${name} COMMAND ${name} -max_total_time=${SFU_FUZZ_SECONDS}
    -rss_limit_mb=2048 -timeout=10 ${corpus} ${seeds})
  math(EXPR timeout "${SFU_FUZZ_SECONDS} * 2 + 60")
  set_tests_properties(${name} PROPERTIES LABELS fuzz-smoke TIMEOUT ${timeout})
endfunction()

# Every third-party package, as an imported target. All of them are Debian 12 packages
# (tools/setup installs them).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)  # FindProtobuf, before gRPC: its config form is not packaged.
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(benchmark CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(srtp2 REQUIRED IMPORTED_TARGET libsrtp2)
pkg_check_modules(usrsctp REQUIRED IMPORTED_TARGET usrsctp)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)  # Its own CMake file is broken.

include(GoogleTest)

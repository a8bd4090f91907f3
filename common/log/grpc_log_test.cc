#include "common/log/grpc_log.h"

#include <string>

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include "common/log/log.h"

namespace sfu::log {
namespace {

TEST(GrpcLogTest, LinesOfGrpcHaveOurForm) {
  Configure({.json = true});
  RouteGrpc();
  ::testing::internal::CaptureStderr();
  gpr_log("channel.cc", 7, GPR_LOG_SEVERITY_ERROR, "cannot connect to %s", "a worker");
  gpr_log("channel.cc", 8, GPR_LOG_SEVERITY_INFO, "not of interest");
  const std::string line = ::testing::internal::GetCapturedStderr();
  Configure({});
  EXPECT_THAT(line, ::testing::StartsWith("{\"level\":\"warn\""));
  EXPECT_THAT(line, ::testing::EndsWith("\"msg\":\"grpc.library\",\"text\":\"cannot connect to a "
                                        "worker\",\"file\":\"channel.cc\",\"line\":7}\n"));
}

}  // namespace
}  // namespace sfu::log

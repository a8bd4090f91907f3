#include "controller/worker_link/command_queue.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::workerlink {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CommandQueueTest : public ::testing::Test {
 protected:
  void Push(uint64_t id) {
    worker::v1::RoomCommand command;
    command.set_request_id(id);
    EXPECT_TRUE(queue_.Push(command));
  }
  std::vector<uint64_t> Sent() {
    std::vector<uint64_t> ids;
    while (const worker::v1::RoomCommand* command = queue_.Next()) {
      ids.push_back(command->request_id());
    }
    return ids;
  }

  CommandQueue queue_;
};

TEST_F(CommandQueueTest, SendsEachOnceInOrder) {
  Push(7);
  Push(3);
  EXPECT_THAT(Sent(), ElementsAre(7, 3));
  EXPECT_THAT(Sent(), IsEmpty());
  Push(5);
  EXPECT_THAT(Sent(), ElementsAre(5));
}

TEST_F(CommandQueueTest, ANewStreamRepeatsWhatIsUnanswered) {
  Push(1);
  Push(2);
  Push(3);
  EXPECT_THAT(Sent(), ElementsAre(1, 2, 3));
  queue_.Answered(2);
  queue_.Answered(99);
  queue_.Rewind();
  EXPECT_THAT(Sent(), ElementsAre(1, 3));
}

TEST_F(CommandQueueTest, RefusesMoreThanItsLimit) {
  for (uint64_t id = 0; id < CommandQueue::kLimit; ++id) {
    Push(id);
  }
  EXPECT_FALSE(queue_.Push({}));
  queue_.Clear();
  EXPECT_EQ(queue_.unanswered(), 0u);
  Push(1);
  EXPECT_THAT(Sent(), ElementsAre(1));
}

}  // namespace
}  // namespace sfu::workerlink

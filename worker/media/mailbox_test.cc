#include "worker/media/mailbox.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::media {
namespace {

using testing::ElementsAre;

const Timestamp kNow = Timestamp::FromMicros(1);

TEST(MailboxTest, RunsTasksInOrder) {
  Mailbox mailbox(10);
  std::vector<int> order;
  EXPECT_TRUE(mailbox.Post([&](Timestamp) { order.push_back(1); }));
  EXPECT_TRUE(mailbox.Post([&](Timestamp) { order.push_back(2); }));
  mailbox.RunAll(kNow);
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(MailboxTest, ATaskThatPostsRunsOnce) {
  Mailbox mailbox(10);
  int runs = 0;
  mailbox.Post([&](Timestamp) {
    ++runs;
    mailbox.Post([&](Timestamp) { ++runs; });
  });
  mailbox.RunAll(kNow);
  EXPECT_EQ(runs, 1);
  mailbox.RunAll(kNow);
  EXPECT_EQ(runs, 2);
}

TEST(MailboxTest, RefusesWhenFullOrClosed) {
  Mailbox mailbox(1);
  const auto alive = std::make_shared<int>(0);
  EXPECT_TRUE(mailbox.Post([alive](Timestamp) {}));
  EXPECT_FALSE(mailbox.Post([alive](Timestamp) {}));
  EXPECT_EQ(alive.use_count(), 2);
  mailbox.Close();
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_FALSE(mailbox.Post([alive](Timestamp) {}));
}

TEST(MailboxTest, LosesNothingBetweenThreads) {
  constexpr int kTasks = 20'000;
  Mailbox mailbox(kTasks * 2);
  int64_t sum = 0;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < 2; ++poster) {
    posters.emplace_back([&] {
      for (int i = 0; i < kTasks; ++i) {
        ASSERT_TRUE(mailbox.Post([&](Timestamp) { ++sum; }));
      }
    });
  }
  for (int i = 0; i < 1000; ++i) {
    mailbox.RunAll(kNow);
  }
  for (std::thread& poster : posters) {
    poster.join();
  }
  mailbox.RunAll(kNow);
  EXPECT_EQ(sum, 2 * kTasks);
}

}  // namespace
}  // namespace sfu::media

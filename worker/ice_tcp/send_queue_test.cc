#include "worker/ice_tcp/send_queue.h"

#include <string>

#include <gtest/gtest.h>

namespace sfu::ice_tcp {
namespace {

const Timestamp kStart = Timestamp::FromMicros(1'000'000);

class SendQueueTest : public testing::Test {
 protected:
  static absl::Span<const uint8_t> Bytes(const std::string& text) {
    return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  bool Push(const std::string& packet, Timestamp expires = Timestamp::Never(),
            size_t limit = SendQueue::kLimitBytes) {
    return queue_.Push(Bytes(packet), expires, limit);
  }
  // Everything that would be written now.
  std::string Stream() const {
    std::string stream;
    for (size_t i = 0; i < queue_.size(); ++i) {
      stream.append(queue_.BytesOf(i).begin(), queue_.BytesOf(i).end());
    }
    return stream;
  }

  SendQueue queue_;
};

std::string Framed(const std::string& packet) {
  return std::string{'\0', static_cast<char>(packet.size())} + packet;
}

TEST_F(SendQueueTest, WritesFramesInOrder) {
  EXPECT_TRUE(Push("one"));
  EXPECT_TRUE(Push("two"));
  EXPECT_EQ(Stream(), Framed("one") + Framed("two"));
  EXPECT_EQ(queue_.size_bytes(), 10u);
}

TEST_F(SendQueueTest, ContinuesWhereTheConnectionStopped) {
  EXPECT_TRUE(Push("one"));
  EXPECT_TRUE(Push("two"));
  queue_.Consume(3);
  EXPECT_EQ(Stream(), "ne" + Framed("two"));
  queue_.Consume(2 + 1);
  EXPECT_EQ(Stream(), Framed("two").substr(1));
  queue_.Consume(4);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.size_bytes(), 0u);
}

TEST_F(SendQueueTest, DropsWhatIsLateAndKeepsTheRest) {
  EXPECT_TRUE(Push("video", kStart + absl::Milliseconds(200)));
  EXPECT_TRUE(Push("audio", kStart + absl::Seconds(1)));
  EXPECT_TRUE(Push("video again", kStart + absl::Milliseconds(250)));
  EXPECT_TRUE(Push("check"));
  EXPECT_EQ(queue_.DropLate(kStart + absl::Milliseconds(200)), 0u);
  EXPECT_EQ(queue_.DropLate(kStart + absl::Milliseconds(300)), 2u);
  EXPECT_EQ(Stream(), Framed("audio") + Framed("check"));
  EXPECT_EQ(queue_.size_bytes(), Stream().size());
  EXPECT_EQ(queue_.DropLate(kStart + absl::Hours(1)), 1u);
  EXPECT_EQ(Stream(), Framed("check"));
}

TEST_F(SendQueueTest, FinishesAFrameOnceBegunHoweverLate) {
  EXPECT_TRUE(Push("begun", kStart));
  EXPECT_TRUE(Push("not begun", kStart));
  queue_.Consume(1);
  EXPECT_EQ(queue_.DropLate(kStart + absl::Seconds(1)), 1u);
  EXPECT_EQ(Stream(), Framed("begun").substr(1));
}

TEST_F(SendQueueTest, TakesTheRestOfAFrameThatWasWrittenDirectly) {
  queue_.PushRest(Bytes("packet"), 4);
  EXPECT_TRUE(Push("next"));
  EXPECT_EQ(Stream(), "cket" + Framed("next"));
  EXPECT_EQ(queue_.DropLate(kStart + absl::Hours(1)), 0u);
  queue_.Consume(Stream().size());
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueueTest, KeepsRoomForWhatMattersMore) {
  const std::string packet(1000, 'x');
  size_t taken = 0;
  while (Push(packet, Timestamp::Never(), SendQueue::kLimitBytes / 2)) {
    ++taken;
  }
  EXPECT_EQ(taken, SendQueue::kLimitBytes / 2 / 1002);
  EXPECT_TRUE(Push(packet));
  while (Push(packet)) {
    ++taken;
  }
  EXPECT_LE(queue_.size_bytes(), SendQueue::kLimitBytes);
  EXPECT_EQ(queue_.size(), SendQueue::kLimitBytes / 1002);
}

}  // namespace
}  // namespace sfu::ice_tcp

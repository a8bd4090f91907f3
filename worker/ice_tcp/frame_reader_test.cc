#include "worker/ice_tcp/frame_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::ice_tcp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Framed(const std::string& packet) {
  std::string frame;
  frame.push_back(static_cast<char>(packet.size() >> 8));
  frame.push_back(static_cast<char>(packet.size()));
  return frame + packet;
}

class FrameReaderTest : public testing::Test {
 protected:
  bool Read(const std::string& bytes) {
    return reader_.Read(
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
        [this](absl::Span<const uint8_t> packet) {
          packets_.emplace_back(packet.begin(), packet.end());
        });
  }

  FrameReader reader_;
  std::vector<std::string> packets_;
};

TEST_F(FrameReaderTest, FindsSeveralPacketsInOneRead) {
  EXPECT_TRUE(Read(Framed("one") + Framed("two") + Framed("three")));
  EXPECT_THAT(packets_, ElementsAre("one", "two", "three"));
}

TEST_F(FrameReaderTest, FindsTheSamePacketsWhereverTheStreamIsCut) {
  const std::string stream = Framed("a") + Framed(std::string(300, 'b')) + Framed("ccc");
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    reader_ = FrameReader();
    packets_.clear();
    EXPECT_TRUE(Read(stream.substr(0, cut)));
    EXPECT_TRUE(Read(stream.substr(cut)));
    EXPECT_THAT(packets_, ElementsAre("a", std::string(300, 'b'), "ccc")) << "cut at " << cut;
  }
}

TEST_F(FrameReaderTest, FindsPacketsByteByByte) {
  for (const char byte : Framed("slow") + Framed("ly")) {
    EXPECT_TRUE(Read(std::string(1, byte)));
  }
  EXPECT_THAT(packets_, ElementsAre("slow", "ly"));
}

TEST_F(FrameReaderTest, PassesOverEmptyPackets) {
  EXPECT_TRUE(Read(Framed("") + Framed("x") + Framed("")));
  EXPECT_TRUE(Read(std::string(1, '\0')));
  EXPECT_TRUE(Read(std::string(1, '\0') + Framed("y")));
  EXPECT_THAT(packets_, ElementsAre("x", "y"));
}

TEST_F(FrameReaderTest, TakesTheLargestAllowed) {
  EXPECT_TRUE(Read(Framed(std::string(FrameReader::kMaxFrameBytes, 'm'))));
  EXPECT_THAT(packets_, ElementsAre(SizeIs(FrameReader::kMaxFrameBytes)));
}

TEST_F(FrameReaderTest, GivesUpOnWhatIsNotAStreamOfPackets) {
  EXPECT_FALSE(Read("GET / HTTP/1.1\r\n\r\n"));  // "GE" would be a length of 18,245.
  EXPECT_FALSE(Read(Framed("too late")));
  EXPECT_THAT(packets_, IsEmpty());
}

TEST_F(FrameReaderTest, GivesUpOnALengthThatCameInTwoPieces) {
  EXPECT_TRUE(Read(Framed("x") + "G"));
  EXPECT_FALSE(Read("E"));
  EXPECT_THAT(packets_, ElementsAre("x"));
}

}  // namespace
}  // namespace sfu::ice_tcp

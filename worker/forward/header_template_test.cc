#include "worker/forward/header_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/forward/test_packets.h"

namespace sfu::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class HeaderTemplateTest : public ::testing::Test {
 protected:
  HeaderTemplateTest() {
    map_.Set(rtp::ExtensionType::kMid, 1);
    map_.Set(rtp::ExtensionType::kAudioLevel, 4);
    map_.Set(rtp::ExtensionType::kTransportSequenceNumber, 5);
    map_.Set(rtp::ExtensionType::kAbsoluteSendTime, 6);
    map_.Set(rtp::ExtensionType::kDependencyDescriptor, 8);
  }

  rtp::OutgoingPacket Write(const HeaderTemplate::Options& options,
                            const HeaderTemplate::Fields& fields, const rtp::MediaPacket& source) {
    rtp::OutgoingPacket out;
    HeaderTemplate(options).Write(fields, source, out);
    return out;
  }

  TestSource source_;
  rtp::ExtensionMap map_;
};

TEST_F(HeaderTemplateTest, WritesEveryFieldAndReservesWhatEgressStamps) {
  const rtp::MediaPacket& packet = source_.Make({.payload = {1, 2, 3}, .audio_level = 0x85});
  rtp::OutgoingPacket out = Write({rtp::Ssrc(42), &map_, true, true, "12"},
                                  {.marker = true,
                                   .payload_type = rtp::PayloadType(96),
                                   .sequence = 0x1234,
                                   .timestamp = 0x89abcdef,
                                   .with_mid = true},
                                  packet);
  ASSERT_NE(out.transport_sequence_offset, 0);
  ASSERT_NE(out.absolute_send_time_offset, 0);
  out.header[out.transport_sequence_offset] = 0xaa;  // As egress will.
  out.header[out.absolute_send_time_offset] = 0xbb;

  const Sent sent(out);
  EXPECT_TRUE(sent.view.marker());
  EXPECT_EQ(sent.view.payload_type(), rtp::PayloadType(96));
  EXPECT_EQ(sent.sequence(), 0x1234);
  EXPECT_EQ(sent.view.timestamp(), 0x89abcdefu);
  EXPECT_EQ(sent.view.ssrc(), rtp::Ssrc(42));
  EXPECT_EQ(sent.view.extension_profile(), 0xbede);
  const auto values = rtp::HeaderExtensions::Parse(sent.view, map_);
  EXPECT_THAT(values.Value(rtp::ExtensionType::kTransportSequenceNumber), ElementsAre(0xaa, 0));
  EXPECT_THAT(values.Value(rtp::ExtensionType::kAbsoluteSendTime), ElementsAre(0xbb, 0, 0));
  EXPECT_THAT(values.Value(rtp::ExtensionType::kMid), ElementsAre('1', '2'));
  EXPECT_THAT(values.Value(rtp::ExtensionType::kAudioLevel), ElementsAre(0x85));
  EXPECT_FALSE(values.malformed());
}

TEST_F(HeaderTemplateTest, HasNoExtensionBlockWithoutValues) {
  const rtp::MediaPacket& packet = source_.Make({.payload = {1}});
  const Sent sent(Write({rtp::Ssrc(42), &map_, true, false, "12"}, {}, packet));
  EXPECT_EQ(sent.bytes.size(), 12u);
}

TEST_F(HeaderTemplateTest, LongValuesTakeTheTwoByteForm) {
  const std::vector<uint8_t> descriptor(40, 0x5a);
  const rtp::MediaPacket& packet = source_.Make({.payload = {1}});
  const rtp::OutgoingPacket out =
      Write({rtp::Ssrc(42), &map_, true, true, "12"},
            {.with_mid = true, .dependency_descriptor = descriptor}, packet);
  const Sent sent(out);
  EXPECT_EQ(sent.view.extension_profile(), 0x1000);
  const auto values = rtp::HeaderExtensions::Parse(sent.view, map_);
  EXPECT_THAT(values.Value(rtp::ExtensionType::kDependencyDescriptor),
              ElementsAreArray(descriptor));
  EXPECT_EQ(values.SliceOf(rtp::ExtensionType::kTransportSequenceNumber).offset,
            out.transport_sequence_offset);
  EXPECT_EQ(values.SliceOf(rtp::ExtensionType::kAbsoluteSendTime).offset,
            out.absolute_send_time_offset);
}

TEST_F(HeaderTemplateTest, LongValuesStayAwayWhereThePeerCannotReadThem) {
  const std::vector<uint8_t> descriptor(40, 0x5a);
  const rtp::MediaPacket& packet = source_.Make({.payload = {1}, .audio_level = 7});
  const Sent sent(Write({rtp::Ssrc(42), &map_, false, true, ""},
                        {.dependency_descriptor = descriptor}, packet));
  const auto values = rtp::HeaderExtensions::Parse(sent.view, map_);
  EXPECT_FALSE(values.Has(rtp::ExtensionType::kDependencyDescriptor));
  EXPECT_TRUE(values.Has(rtp::ExtensionType::kAudioLevel));
}

TEST_F(HeaderTemplateTest, WhatDoesNotFitIsLeftOutWhole) {
  const rtp::MediaPacket& packet = source_.Make({.payload = {1}, .audio_level = 7});
  for (size_t size = 60; size < 128; ++size) {
    const std::vector<uint8_t> descriptor(size, 0x5a);
    const rtp::OutgoingPacket out =
        Write({rtp::Ssrc(42), &map_, true, true, "some-longer-mid"},
              {.with_mid = true, .dependency_descriptor = descriptor}, packet);
    ASSERT_LE(out.header_size, rtp::OutgoingPacket::kMaxHeaderSize);
    const Sent sent(out);
    EXPECT_FALSE(rtp::HeaderExtensions::Parse(sent.view, map_).malformed()) << size;
  }
}

}  // namespace
}  // namespace sfu::forward

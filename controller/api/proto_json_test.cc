#include "controller/api/proto_json.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "proto/livekit/room.pb.h"

namespace sfu::api {
namespace {

TEST(ProtoJsonTest, EveryUnsetFieldAppears) {
  EXPECT_EQ(ToProtoJson(livekit::ListRoomsResponse()), R"({"rooms":[]})");
  const boost::json::object room = boost::json::parse(ToProtoJson(livekit::Room())).as_object();
  EXPECT_EQ(room.size(), static_cast<size_t>(livekit::Room::descriptor()->field_count()));
  EXPECT_EQ(room.at("sid").as_string(), "");
  EXPECT_EQ(room.at("empty_timeout").as_int64(), 0);
  EXPECT_EQ(room.at("creation_time").as_string(), "0");  // 64 bits do not fit a JSON number.
  EXPECT_TRUE(room.at("enabled_codecs").as_array().empty());
  EXPECT_TRUE(room.at("version").is_null());
  EXPECT_FALSE(room.at("active_recording").as_bool());
}

TEST(ProtoJsonTest, WritesEachTypeOfValue) {
  livekit::ParticipantInfo participant;
  participant.set_identity("quote \" backslash \\ newline \n");
  participant.set_state(livekit::ParticipantInfo::ACTIVE);
  participant.set_joined_at(1'700'000'000'123);
  participant.mutable_permission()->set_can_publish(true);
  (*participant.mutable_attributes())["b"] = "2";
  (*participant.mutable_attributes())["a"] = "1";
  const std::string text = ToProtoJson(participant);
  const boost::json::object json = boost::json::parse(text).as_object();
  EXPECT_EQ(json.at("identity").as_string(), "quote \" backslash \\ newline \n");
  EXPECT_EQ(json.at("state").as_string(), "ACTIVE");
  EXPECT_EQ(json.at("joined_at").as_string(), "1700000000123");
  EXPECT_TRUE(json.at("permission").as_object().at("can_publish").as_bool());
  EXPECT_NE(text.find(R"("attributes":{"a":"1","b":"2"})"), std::string::npos);
}

TEST(ProtoJsonTest, BytesAreBase64AndOptionalFieldsAppearOnlyWhenSet) {
  livekit::SendDataRequest request;
  request.set_data("\x01\x02");
  EXPECT_NE(ToProtoJson(request).find(R"("data":"AQI=")"), std::string::npos);
  EXPECT_EQ(ToProtoJson(request).find("topic"), std::string::npos);
  request.set_topic("t");
  EXPECT_NE(ToProtoJson(request).find(R"("topic":"t")"), std::string::npos);
}

TEST(ProtoJsonTest, ReadsEitherSpellingAndIgnoresTheUnknown) {
  livekit::CreateRoomRequest request;
  ASSERT_TRUE(FromProtoJson(
      R"({"name":"r","emptyTimeout":5,"departure_timeout":6,"max_participants":7,"other":{}})",
      request));
  EXPECT_EQ(request.empty_timeout(), 5u);
  EXPECT_EQ(request.departure_timeout(), 6u);
  EXPECT_EQ(request.max_participants(), 7u);
}

TEST(ProtoJsonTest, NothingIsAnEmptyMessageAndRubbishIsNone) {
  livekit::CreateRoomRequest request;
  EXPECT_TRUE(FromProtoJson("", request));
  EXPECT_TRUE(FromProtoJson("{}", request));
  EXPECT_FALSE(FromProtoJson("{\"name\":", request));
  EXPECT_FALSE(FromProtoJson("[]", request));
}

TEST(ProtoJsonTest, WhatIsWrittenReadsBack) {
  livekit::Room room;
  room.set_name("r");
  room.set_creation_time_ms(-5);
  room.add_enabled_codecs()->set_mime("audio/opus");
  livekit::Room copy;
  ASSERT_TRUE(FromProtoJson(ToProtoJson(room), copy));
  EXPECT_EQ(copy.SerializeAsString(), room.SerializeAsString());
}

}  // namespace
}  // namespace sfu::api

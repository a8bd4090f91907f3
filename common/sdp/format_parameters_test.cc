#include "common/sdp/format_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::sdp {
namespace {

using testing::Optional;

TEST(FormatParametersTest, KeepsOrderAndUnknownEntries) {
  const auto parameters =
      FormatParameters::Parse(" minptime=10; useinbandfec=1 ;x-google-start-bitrate=900;");

  EXPECT_EQ(parameters.ToText(), "minptime=10;useinbandfec=1;x-google-start-bitrate=900");
}

TEST(FormatParametersTest, ReadsBareEntries) {
  const auto parameters = FormatParameters::Parse("111/111");

  EXPECT_TRUE(parameters.Has("111/111"));
  EXPECT_THAT(parameters.Get("111/111"), Optional(std::string_view()));
  EXPECT_EQ(parameters.ToText(), "111/111");
}

TEST(FormatParametersTest, FindsNamesWithoutRegardToCase) {
  const auto parameters = FormatParameters::Parse("Packetization-Mode=1;apt=x");

  EXPECT_THAT(parameters.GetInt("packetization-mode"), Optional(1));
  EXPECT_EQ(parameters.GetInt("apt"), std::nullopt);
  EXPECT_EQ(parameters.Get("absent"), std::nullopt);
}

TEST(FormatParametersTest, ChangesInPlaceAndAppendsWhatIsNew) {
  auto parameters = FormatParameters::Parse("minptime=10;stereo=0;useinbandfec=1");

  parameters.Set("stereo", "1");
  parameters.Set("usedtx", "1");
  parameters.Remove("minptime");

  EXPECT_EQ(parameters.ToText(), "stereo=1;useinbandfec=1;usedtx=1");
}

}  // namespace
}  // namespace sfu::sdp

#include "controller/placement/great_circle.h"

#include <gtest/gtest.h>

namespace sfu::placement {
namespace {

constexpr GeoPoint kLondon = {51.5074, -0.1278};
constexpr GeoPoint kNewYork = {40.7128, -74.006};
constexpr GeoPoint kSydney = {-33.8688, 151.2093};
constexpr GeoPoint kAuckland = {-36.8485, 174.7633};
constexpr GeoPoint kFiji = {-17.7134, 178.065};
constexpr GeoPoint kSamoa = {-13.759, -172.1046};

TEST(GreatCircleTest, AgreesWithTheAtlas) {
  EXPECT_NEAR(GreatCircleKilometers(kLondon, kNewYork), 5570, 10);
  EXPECT_NEAR(GreatCircleKilometers(kNewYork, kLondon), 5570, 10);
  EXPECT_NEAR(GreatCircleKilometers(kSydney, kAuckland), 2156, 10);
  EXPECT_EQ(GreatCircleKilometers(kLondon, kLondon), 0);
}

TEST(GreatCircleTest, TakesTheShortWayOverTheDateLine) {
  EXPECT_NEAR(GreatCircleKilometers(kFiji, kSamoa), 1140, 20);
}

TEST(GreatCircleTest, KnowsTheFarthestThereIs) {
  EXPECT_NEAR(GreatCircleKilometers({90, 0}, {-90, 0}), 20015, 1);
  EXPECT_NEAR(GreatCircleKilometers({0, -180}, {0, 0}), 20015, 1);
}

}  // namespace
}  // namespace sfu::placement

#include "controller/placement/great_circle.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sfu::placement {
namespace {

constexpr double kEarthRadiusKilometers = 6371;

double Radians(double degrees) { return degrees * std::numbers::pi / 180; }

double HalfChordSquared(double radians) { return std::pow(std::sin(radians / 2), 2); }

}  // namespace

// By haversines, which stay exact for points close to one another.
double GreatCircleKilometers(const GeoPoint& from, const GeoPoint& to) {
  const double latitudes = Radians(to.latitude_degrees - from.latitude_degrees);
  const double longitudes = Radians(to.longitude_degrees - from.longitude_degrees);
  const double haversine =
      HalfChordSquared(latitudes) + std::cos(Radians(from.latitude_degrees)) *
                                        std::cos(Radians(to.latitude_degrees)) *
                                        HalfChordSquared(longitudes);
  return 2 * kEarthRadiusKilometers * std::asin(std::sqrt(std::clamp(haversine, 0.0, 1.0)));
}

}  // namespace sfu::placement

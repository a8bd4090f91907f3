#pragma once

namespace sfu::placement {

struct GeoPoint {
  double latitude_degrees = 0;   // North is positive.
  double longitude_degrees = 0;  // East is positive.
};

// The way along the Earth's surface, taken for a sphere: within half a percent.
double GreatCircleKilometers(const GeoPoint& from, const GeoPoint& to);

}  // namespace sfu::placement

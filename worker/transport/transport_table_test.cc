#include "worker/transport/transport_table.h"

#include <gtest/gtest.h>

namespace sfu::transport {
namespace {

const TransportId kFirst(1);
const TransportId kSecond(2);

ice::Path PathFrom(uint16_t port, uint32_t socket = 0) {
  return {.remote = SocketAddress::V4({192, 0, 2, 1}, port), .local_socket = socket};
}

TEST(TransportTableTest, FindsByPathAndUfrag) {
  TransportTable table;
  table.AddPath(PathFrom(1000), kFirst);
  table.AddUfrag("abcd", kSecond);

  EXPECT_EQ(table.FindPath(PathFrom(1000)), kFirst);
  EXPECT_EQ(table.FindPath(PathFrom(1000, 1)), std::nullopt);  // Another socket, another path.
  EXPECT_EQ(table.FindUfrag("abcd"), kSecond);
  EXPECT_EQ(table.FindUfrag("abc"), std::nullopt);
}

TEST(TransportTableTest, APathThatChangedHandsStaysWithItsNewOwner) {
  TransportTable table;
  table.AddPath(PathFrom(1000), kFirst);
  table.AddPath(PathFrom(1000), kSecond);
  table.RemovePath(PathFrom(1000), kFirst);
  EXPECT_EQ(table.FindPath(PathFrom(1000)), kSecond);
}

TEST(TransportTableTest, EntriesGoWithTheirTransport) {
  TransportTable table;
  {
    TransportTableEntries entries(table, kFirst);
    entries.AddPath(PathFrom(1000));
    entries.AddPath(PathFrom(1001));
    entries.AddUfrag("abcd");
    entries.AddUfrag("efgh");
    entries.RemovePath(PathFrom(1001));
    entries.RemoveUfrag("efgh");
    EXPECT_EQ(table.path_count(), 1u);
    EXPECT_EQ(table.ufrag_count(), 1u);
  }
  EXPECT_EQ(table.path_count(), 0u);
  EXPECT_EQ(table.ufrag_count(), 0u);
}

}  // namespace
}  // namespace sfu::transport

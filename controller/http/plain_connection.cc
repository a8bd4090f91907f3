#include <boost/asio/ssl/stream_base.hpp>  // Named by the template, if not used by this kind.

#include "controller/http/http_connection.h"

namespace sfu::http {

void ServePlainConnection(tcp::socket socket, const ConnectionSurroundings& around) {
  ServeStream(beast::tcp_stream(std::move(socket)), around);
}

}  // namespace sfu::http

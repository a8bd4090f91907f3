#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "controller/http/http_connection.h"

namespace sfu::http {

void ServeTlsConnection(tcp::socket socket, asio::ssl::context& context,
                        const ConnectionSurroundings& around) {
  ServeStream(beast::ssl_stream<beast::tcp_stream>(std::move(socket), context), around);
}

}  // namespace sfu::http

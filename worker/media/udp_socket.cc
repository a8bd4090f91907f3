#include "worker/media/udp_socket.h"

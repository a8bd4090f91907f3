#include "worker/transport/datagram_batch.h"

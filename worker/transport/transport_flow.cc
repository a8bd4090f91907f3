#include "worker/transport/transport.h"

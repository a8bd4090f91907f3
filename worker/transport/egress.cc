#include "worker/transport/egress.h"

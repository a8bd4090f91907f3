#include "worker/transport/transport_table.h"

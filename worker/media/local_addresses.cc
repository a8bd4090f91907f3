#include "worker/media/local_addresses.h"

#include "worker/transport/data_path.h"

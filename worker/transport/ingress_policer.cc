#include "worker/transport/ingress_policer.h"

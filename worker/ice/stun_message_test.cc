#include "worker/ice/stun_message.h"

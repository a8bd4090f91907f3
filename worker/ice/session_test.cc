#include "worker/ice/session.h"

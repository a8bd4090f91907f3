#include "worker/srtp/openssl_ciphers.h"

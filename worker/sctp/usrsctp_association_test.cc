#include "worker/sctp/usrsctp_association.h"

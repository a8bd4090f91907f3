// The one usrsctp of the process.
